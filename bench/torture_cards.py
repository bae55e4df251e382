"""The card-testing drill in full: 400 attempts in five simulated minutes, each from a network of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = "tests/donations/test_guard.py::test_the_whole_drill"


def main():
    """Return pytest's exit code."""
    environ = {**os.environ, "DRILL": os.environ.get("DRILL", "400")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", TEST], cwd=ROOT, env=environ, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
