"""In whose inbox an emergency lies until the place is safe."""

from typing import Any

from services.analytics.domain.inboxes import Todo, todos
from shared.contracts.golden import story
from tests.unit.analytics.lives import GRIDS, UNITS, Life, fold
from tests.unit.analytics.test_telling import events_of

FIRST = story.TEAM.code


def emergency(*moves: tuple[str, ...], **of_case: Any) -> list[Todo]:  # noqa: ANN401
    """What is to be done with an emergency after these moves."""
    life = Life("i", GRIDS[0], "litter")
    life.case = life.case.model_copy(update={"emergency": True} | of_case)
    life.report()
    life.file()
    for move in moves:
        life.move(*move)
    return todos(fold(events_of(life)))


def told(found: list[Todo]) -> set[tuple[str, str | None]]:
    return {(one.action, one.unit) for one in found}


def test_whoever_was_first_there_is_to_make_it_safe_also_while_nobody_has_it() -> None:
    assert told(emergency(first=story.TEAM)) == {("reassign", None), ("make_safe", FIRST)}
    assert told(emergency(("dispatch", UNITS[0]), first=story.TEAM)) == {
        ("accept", UNITS[0]), ("make_safe", FIRST),
    }  # fmt: skip


def test_else_the_unit_that_has_it_until_it_has_handed_back() -> None:
    assert told(emergency()) == {("reassign", None)}
    taken = (("dispatch", UNITS[0]), ("accept", UNITS[0]))
    found = emergency(*taken)
    assert told(found) == {("handled", UNITS[0]), ("make_safe", UNITS[0])}
    assert {one.clock for one in found} == {"lead/handle", "safe/handle"}
    assert "make_safe" not in {one.action for one in emergency(*taken, ("handle", UNITS[0]))}
    assert told(emergency(*taken, emergency=False)) == {("handled", UNITS[0])}
