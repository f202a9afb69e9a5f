"""A rule of dispatch is switched off, and the audit finds what came of it: it asks no rule."""

from typing import Any

import pytest

from deploy.audit.report import Report
from services.dispatch.domain import actions, checks, deciding, handling
from services.dispatch.domain.guards import Guard
from services.dispatch.domain.question import Question
from services.dispatch.domain.transitions import ROWS, Transition
from shared.contracts.case_v1 import Case
from shared.contracts.golden import registry as golden
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import Verb
from shared.contracts.registry_v1 import Unit
from tests.unit.audit.world import World

BOTH = story.MEMBER.model_copy(update={"roles": ("inspector", "unit_member")})
HELPER = "helper"


def found(report: Report, incident: str) -> list[str]:
    """The kinds of problems, all of them of one incident."""
    assert {one.id for one in report.problems} <= {incident}
    return [one.kind for one in report.problems]


def any_row(question: Question) -> Transition:
    """The first row of the verb, as if nothing stood in its way."""
    return ROWS[question.asked.request.action][0]


async def filed(city: World) -> str:
    incident = await city.report("1")
    await city.settle()
    return incident


async def acted(city: World, incident: str, *steps: tuple[Verb, Any, dict[str, Any]]) -> None:
    for verb, who, more in steps:
        city.clock.forward(60)
        await city.act(incident, verb, who, **more)
        await city.settle()


async def test_the_handler_verifies_his_own_case(
    city: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rule = checks.CHECKS[Guard.NOT_A_HANDLER]
    monkeypatch.setitem(checks.CHECKS, Guard.NOT_A_HANDLER, (lambda _: True, rule))
    incident = await filed(city)
    await acted(
        city,
        incident,
        (Verb.ACCEPT, BOTH, {}),
        (Verb.HANDLED, BOTH, {"reason": "done"}),
        (Verb.VERIFY, BOTH, {"passed": True}),
    )
    assert found(await city.audit(), incident) == ["handler_verified"]


def gone(_case: Case, _at: object) -> dict[str, Any]:
    """The case without its tasks."""
    return {"tasks": (), "co_units": ()}


@pytest.mark.parametrize("vanishes", [True, False])
async def test_a_task_gets_lost_in_the_join(
    city: World,
    monkeypatch: pytest.MonkeyPatch,
    vanishes: bool,  # noqa: FBT001
) -> None:
    unit = next(one for one in golden.ENTRIES if isinstance(one, Unit))
    await city.enter("helper", [unit.model_copy(update={"code": HELPER})], golden.FROM)
    incident = await filed(city)
    called = {"unit": HELPER, "reason": "help", "needed": not vanishes}
    await acted(
        city, incident, (Verb.ACCEPT, story.MEMBER, {}), (Verb.WHISTLE, story.MEMBER, called)
    )
    assert (await city.audit()).clean
    monkeypatch.setattr(handling, "joined", lambda _: True)
    if vanishes:
        monkeypatch.setattr(handling, "all_withdrawn", gone)
    await acted(city, incident, (Verb.HANDLED, story.MEMBER, {"reason": "done"}))
    report = await city.audit()
    assert found(report, incident) == ["task_lost"]
    assert ("is gone" in report.problems[0].detail) is vanishes


async def test_a_void_case_is_accepted(city: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = await filed(city)
    await acted(city, incident, (Verb.VOID, story.SUPERVISOR, {"reason": "none"}))
    assert (await city.audit()).clean
    monkeypatch.setattr(actions, "judged", any_row)
    await acted(city, incident, (Verb.ACCEPT, story.MEMBER, {}))
    assert found(await city.audit(), incident) == ["life_broken"]


async def test_a_case_is_closed_that_nobody_has_handled(
    city: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = await filed(city)
    monkeypatch.setattr(actions, "judged", any_row)
    await acted(city, incident, (Verb.VERIFY, story.INSPECTOR, {"passed": True}))
    assert found(await city.audit(), incident) == ["life_broken"]


async def test_an_action_gets_no_answer(city: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = await filed(city)
    await city.act(incident, Verb.ACCEPT, story.MEMBER)
    assert (await city.audit()).clean, "dispatch has not read it"
    monkeypatch.setattr(deciding, "act", lambda *_: [])
    await city.settle()
    assert found(await city.audit(), incident) == ["action_unanswered"]
