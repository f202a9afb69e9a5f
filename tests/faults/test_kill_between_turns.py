"""Every process killed with -9, one after the other, in the midst of mixed traffic.

Between which two turns each kill falls is chance here. That a kill may fall in any turn of the
table, after any step of the ledger, is shown by ``tests/ledger/test_every_handler.py``.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.happening import not_seen
from tests.stackdriver import Stack, running

RATE = 5
TURNS_BETWEEN = 40
"""So many events come between a kill and the next one."""
VICTIMS = ("dispatch", "escalation", "intake", "analytics", "kafka", "mongo")
LONGEST_S = 150
"""No clock can be hurried, and not every draw brings every turn at once."""
SINCE_S = 600
TURNS = (
    "case.filed", "case.dispatched", "case.accepted", "case.handled", "case.closed",
    "case.return_requested", "case.return_granted", "case.rework_ordered",
    "case.suspended", "case.extended", "case.handed_up", "case.handled_on_site", "case.stepped",
    "task.assigned", "task.accepted", "task.done", "incident.held", "incident.linked",
    "clock.breached", "supervision.ordered",
)  # fmt: skip


def test_kills_between_the_turns_of_cases_lose_no_turn_and_take_none_twice(tmp_path: Path) -> None:
    with running(tmp_path / "home") as stack:
        traffic = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "traffic",
             "--rate", str(RATE), "--seconds", "300", "--seed", "7", "--json"],
            env=stack.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            kill_each(stack)
            left = not_seen(stack.status()["kafka"]["address"], TURNS, LONGEST_S, SINCE_S)
            traffic.terminate()
            out, _ = traffic.communicate(timeout=90)
        finally:
            traffic.kill()
        found = json.loads(out)
        assert left == set(), "did not happen in time"
        assert found["failures"] == {}
        assert [one for one in TURNS if not found["events"].get(f"cn.wangge.{one}.v1")] == []
        audit = stack.audit()
        assert audit["clean"], audit["problems"][:5]
        assert audit["accepted"] >= found["reported"]


def kill_each(stack: Stack) -> None:
    """One after the other, as soon as cases have gone on since the last kill."""
    stack.wait_for(lambda: counted(stack) > TURNS_BETWEEN, 60, "traffic flows")
    for victim in VICTIMS:
        before, dead = counted(stack), stack.kill(victim)
        stack.wait_for(
            lambda name=victim, pid=dead: stack.process(name).pid not in {None, pid},
            60,
            f"{victim} is started again",
        )
        stack.wait_for(
            lambda since=before: counted(stack) > since + TURNS_BETWEEN, 90, "cases go on"
        )


def counted(stack: Stack) -> int:
    """How many events analytics has counted of all topics."""
    topics = stack.http.get(stack.url("analytics", "/v1/overview")).json()["freshness"]["topics"]
    return sum(topic["offset"] for topic in topics.values())
