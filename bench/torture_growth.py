"""How often each page asks the database with 200 and with 20,000 stories, on both databases: equal, and few."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = "tests/articles/test_growth.py"


def main():
    """Return 0 when no page asks more often on either database."""
    environ = {**os.environ, "GROWTH": os.environ.get("GROWTH", "205,20000")}
    command = [sys.executable, "scripts/suite.py", "--only", "{}", TEST, "-n0", "-s", *sys.argv[1:]]
    codes = [
        subprocess.run([part.format(engine) for part in command], cwd=ROOT, env=environ, check=False).returncode
        for engine in ("sqlite", "postgres")
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
