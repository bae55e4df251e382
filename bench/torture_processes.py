"""What takes minutes with real processes: freshness under load, faults, a server upgraded while readers load it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = {
    "postgres": ["tests/test_fresh_under_load.py", "tests/test_faults.py"],
    "sqlite": ["tests/test_server.py"],
}


def main():
    """Return 0 when all of it holds."""
    codes = [
        subprocess.run(
            [sys.executable, "scripts/suite.py", "--only", engine, *tests, "-n0", *sys.argv[1:]],
            cwd=ROOT, env={**os.environ, "TORTURE": "1"}, check=False,
        ).returncode
        for engine, tests in RUNS.items()
    ]  # fmt: skip
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
