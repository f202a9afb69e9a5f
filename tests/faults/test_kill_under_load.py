"""Any one process killed with -9 under load: it comes back, and every 202 is accounted for."""

import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from shapely.geometry import shape

from tests.faults.redrawing import kill_in_the_walk, moves, open_in, plan, redraw, report
from tests.stackdriver import Stack, running

RATE = 60
OPEN_CASES = 600
ASKED_EVERY = 20
STATES = ("dispatched", "accepted", "handled", "closed")
DRAW = random.Random(1)  # noqa: S311 - places, no secrets


class Reporter(threading.Thread):
    """Posts incidents at a rate until told to stop; keeps what was answered 202.

    What was not answered is posted again with its key, as a field app does.
    """

    def __init__(self, stack: Stack, matter: str, points: list[list[float]]) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.matter = matter
        self.points = points
        self.accepted: dict[str, str] = {}
        self.refused: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self.enough.is_set():
                self.post(client, str(uuid.uuid4()))
                self.enough.wait(1 / RATE)

    def post(self, client: httpx.Client, key: str) -> None:
        """One incident, again and again with one key until it is accepted."""
        number = len(self.accepted)
        body = {
            "matter": "outside-the-list" if number % 10 == 0 else self.matter,
            "location": {
                "type": "Point",
                "coordinates": _near(self.points[number % len(self.points)]),
            },
            "description": key,
        }
        for _ in range(400):
            try:
                answer = client.post(
                    self.stack.url("intake", "/v1/incidents"),
                    json=body,
                    headers={"Idempotency-Key": key},
                )
            except httpx.HTTPError:
                self.enough.wait(0.1)
                continue
            if answer.status_code == 202:
                self.accepted[key] = answer.json()["incident_id"]
                return
            if answer.status_code != 503:
                self.refused.append(f"{answer.status_code} {answer.text}")
                return
            self.enough.wait(0.1)
        self.refused.append(f"{key} was never accepted")


@contextmanager
def reporting(stack: Stack, place: tuple[str, list[list[float]]]) -> Iterator[Reporter]:
    """Traffic while the block runs, and no longer: the next test is not to suffer from it."""
    reporter = Reporter(stack, *place)
    reporter.start()
    try:
        yield reporter
    finally:
        reporter.enough.set()
        reporter.join(timeout=60)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("faults")) as found:
        yield found


@pytest.fixture(scope="module")
def place(stack: Stack) -> tuple[str, list[list[float]]]:
    """A matter of the demo city and points inside it, one a grid."""
    inside = [shape(one["geometry"]).representative_point() for one in stack.entries("grid")]
    return stack.matters()[0], [[point.x, point.y] for point in inside]


def _near(point: list[float]) -> list[float]:
    """Some hundred metres from a point: few reports are duplicates."""
    return [degrees + DRAW.uniform(-0.002, 0.002) for degrees in point]


@pytest.mark.parametrize(
    "victim", ["intake", "dispatch", "escalation", "analytics", "kafka", "mongo"]
)
def test_kill_of_any_process_under_load_loses_nothing_and_files_nothing_twice(
    stack: Stack, place: tuple[str, list[list[float]]], victim: str
) -> None:
    with reporting(stack, place) as reporter:
        stack.wait_for(lambda: len(reporter.accepted) > RATE, 30, "traffic flows")
        before = len(reporter.accepted)
        dead = stack.kill(victim)
        stack.wait_for(
            lambda: stack.process(victim).pid not in {None, dead}, 60, f"{victim} is started again"
        )
        for name in ("intake", "dispatch", "escalation", "analytics"):
            stack.wait_ready(name)
        again = before + RATE * 2
        stack.wait_for(lambda: len(reporter.accepted) > again, 60, "traffic flows again")
    assert not reporter.is_alive()
    assert reporter.refused == []

    found = stack.audit()
    assert found["clean"], found["problems"][:5]
    outcomes: dict[str, str] = {}

    def all_known() -> bool:
        for incident in reporter.accepted.values():
            if incident not in outcomes:
                seen = stack.http.get(stack.url("analytics", f"/v1/cases/{incident}"), timeout=10)
                seen.raise_for_status()
                outcomes[incident] = seen.json()["state"]
                if outcomes[incident] == "reported":
                    del outcomes[incident]
                    return False
        return True

    stack.wait_for(all_known, 60, "every accepted incident has an outcome in analytics")
    assert len(outcomes) == len(set(reporter.accepted.values())) == len(reporter.accepted)
    assert set(outcomes.values()) <= {*STATES, "rejected", "linked"}


def test_kill_of_dispatch_in_the_middle_of_a_walk_moves_every_open_case_once(
    stack: Stack, place: tuple[str, list[list[float]]]
) -> None:
    # The tests before this one leave cases of their matter: a report of it might double one.
    found = plan(stack, but=place[0])
    ids = report(stack, found, OPEN_CASES)
    pid = stack.process("dispatch").pid
    assert pid is not None
    redraw(stack, found)
    kill_in_the_walk(stack, pid)
    stack.wait_for(lambda: open_in(stack, found.new) >= OPEN_CASES, 60, "all have moved")
    stack.wait_ready("dispatch")
    assert {tuple(moves(stack, one)) for one in ids[::ASKED_EVERY]} == {((found.old, found.new),)}
    audit = stack.audit()
    assert audit["clean"], audit["problems"][:5]
