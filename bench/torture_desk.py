"""Two editors on one story in 200 random orders, and as many seconds of both pressing at once, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    """Return 0 when no acknowledged word was lost on either database."""
    environ = {**os.environ, "EXAMPLES": os.environ.get("EXAMPLES", "200")}
    command = [sys.executable, "scripts/suite.py", "--only", "{}", "tests/desk/test_interleavings.py", *sys.argv[1:]]
    codes = [
        subprocess.run([part.format(engine) for part in command], cwd=ROOT, env=environ, check=False).returncode
        for engine in ("sqlite", "postgres")
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
