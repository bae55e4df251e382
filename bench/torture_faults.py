"""Every fault of `bench.faults` at full counts, and databases that stop under both kinds of page store."""

import os
import subprocess
import sys

from bench import faults
from tests.processes import ROOT


def main():
    """Return 0 when nothing that was acknowledged is lost or doubled, and all heals by itself."""
    os.environ.setdefault("READERS", "2000")
    os.environ.setdefault("KILLS", "40")
    suite = [sys.executable, "scripts/suite.py", "--only", "postgres", "tests/test_databases_stopped.py"]
    stopped = subprocess.run(suite, cwd=ROOT, env={**os.environ, "TORTURE": "1"}, check=False).returncode
    return faults.main([]) or stopped


if __name__ == "__main__":
    sys.exit(main())
