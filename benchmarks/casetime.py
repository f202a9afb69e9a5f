"""``python -m benchmarks.casetime``: what the ledger of time costs an event of a case.

A case in the middle of its life, with four shares of time; an acceptance follows. Beside each
figure stands the same without a ledger.
"""

import argparse
import json
import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from time import process_time

from services.dispatch.domain.dossier import Decided, Dossier
from shared.casetime.shares import timed
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case, CaseState
from shared.contracts.cases_v1 import CaseHandled
from shared.contracts.envelope import Event, encode
from shared.contracts.golden import story

ROUNDS, TIMES = 20, 5_000
UNITS = {"unit": story.UNIT, "member": story.MEMBER.subject, "limits": story.EVERYTHING}
CASE = story.case(CaseState.ACCEPTED, **UNITS)


def microseconds(work: Callable[[], object]) -> float:
    """What one call takes of the processor: the best of some rounds."""
    return min(timeit.repeat(work, timer=process_time, repeat=ROUNDS, number=TIMES)) / TIMES * 1e6


def measured() -> dict[str, dict[str, float]]:
    """By what is done: with the ledger, without it, and the difference."""
    cases = {
        "with": CASE.model_copy(update={"time": story.TIME, "time_until": story.minutes(150)}),
        "without": CASE,
    }
    found: dict[str, dict[str, float]] = {"decide_us": {}, "load_us": {}, "dump_us": {}}
    found |= {"encode_us": {}, "bytes": {}}
    for name, case in cases.items():
        handled = _handled(case)
        dossier = Dossier(decided=Decided(case=case))
        raw = dossier.model_dump(exclude_none=True)
        event: Event[EventData] = Event(
            id="e", source="/wangge/dispatch", subject=story.INCIDENT, time=handled.at,
            data=handled, correlation_id="c", causation_id="c", sequence=4,
        )  # fmt: skip
        counting = name == "with"
        found["decide_us"][name] = (
            microseconds(lambda: timed(case, [handled])) if counting else 0.0  # noqa: B023
        )
        found["load_us"][name] = microseconds(lambda: Dossier.model_validate(raw))  # noqa: B023
        found["dump_us"][name] = microseconds(lambda: dossier.model_dump(exclude_none=True))  # noqa: B023
        found["encode_us"][name] = microseconds(lambda: encode(event))  # noqa: B023
        found["bytes"][name] = len(encode(event)[1])
    for one in found.values():
        one["more"] = one["with"] - one["without"]
    return found


def _handled(case: Case) -> CaseHandled:
    return CaseHandled(incident_id=story.INCIDENT, at=story.minutes(200), case=case)


def main() -> int:
    """Measure, print, and keep the figures where asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    keep = parser.parse_args().json
    found = measured()
    for name, one in found.items():
        print(f"{name:10} with {one['with']:8.2f}  without {one['without']:8.2f}  "
              f"more {one['more']:8.2f}")  # fmt: skip
    if keep is not None:
        keep.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
