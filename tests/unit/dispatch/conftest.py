"""Whatever a test of these rules makes of an incident, the audit finds nothing wrong with it."""

from collections.abc import Iterator

import pytest

from deploy.audit import lives, tasks, verifying
from deploy.audit.case_events import whole
from tests.unit.dispatch.desk import Desk

# What the machine's witness claims is explained as in a test, where it does not hold.
pytest.register_assert_rewrite("tests.unit.dispatch.witness")


@pytest.fixture(autouse=True)
def every_life_is_sound_to_the_audit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every desk of a test is looked at in the end."""
    desks: list[Desk] = []
    opened = Desk.__post_init__

    def noted(desk: Desk) -> None:
        opened(desk)
        desks.append(desk)

    monkeypatch.setattr(Desk, "__post_init__", noted)
    yield
    for desk in desks:
        events = whole(desk.outputs)
        assert len(events) == len(desk.outputs)
        assert lives.check(desk.incident, events) == []
        assert tasks.check(desk.incident, events) == []
        assert verifying.check(desk.incident, desk.inputs, events) == []
