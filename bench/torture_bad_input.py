"""The attack on every form with large counts: each value in each field of each form, and thousands of invented ones."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("tests/test_bad_input.py", "tests/donations/test_manage_bad_input.py")


def main():
    """Return pytest's exit code."""
    environ = {**os.environ, "EXAMPLES": os.environ.get("EXAMPLES", "2000")}
    command = [sys.executable, "-m", "pytest", "-q", *FILES, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
