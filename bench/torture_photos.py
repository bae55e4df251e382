"""Bad files at the photo desk in large numbers: no page breaks, no worker hangs, nothing stays behind."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    """Return pytest's exit code; the slowest files are named with their times."""
    environ = {**os.environ, "BAD_FILES": os.environ.get("BAD_FILES", "500")}
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", "tests/articles/test_photo_bad_files.py"]
    return subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
