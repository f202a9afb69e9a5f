"""``python -m benchmarks``: every measurement, one after another (``make bench``)."""

import subprocess
import sys

RUNS: tuple[tuple[str, ...], ...] = (
    ("benchmarks.ledger",),
    ("benchmarks.registry",),
    ("benchmarks.worktime",),
    ("benchmarks.places",),
    ("benchmarks.timers", "--cases", "200000", "--seconds", "30"),
    ("benchmarks.pipeline", "--rate", "300", "--seconds", "60"),
    ("benchmarks.pipeline", "--rate", "300", "--seconds", "90", "--kill", "all"),
    ("benchmarks.lifecycles", "--seconds", "60"),
)


def main() -> int:
    """Run them; the exit status is the first that is not 0."""
    for module, *arguments in RUNS:
        done = subprocess.run([sys.executable, "-m", module, *arguments], check=False)  # noqa: S603
        if done.returncode != 0:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
