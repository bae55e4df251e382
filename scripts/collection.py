"""Run every command of one kind in bench/: `bench/torture_*.py`, `bench/bench_*.py`, `bench/audit_*.py`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = {
    "torture": "full counts of what the tests run small",
    "bench": "figures of speed",
    "audit": "outside tools looking at the site",
}


def main(kind):
    """Return 0 when every command succeeded."""
    commands = sorted((ROOT / "bench").glob(f"{kind}_*.py"))
    if not commands:
        print(f"make {kind}: nothing here yet; {KINDS[kind]} stand in bench/{kind}_*.py.")
    failed = []
    for command in commands:
        print(f"==== {command.stem}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{command.stem}"], cwd=ROOT, check=False).returncode:
            failed.append(command.stem)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
