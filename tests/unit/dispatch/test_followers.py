"""Duplicates told as stories: who is linked to whom, and what may be done about it."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest

from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.lookups import Lookups
from shared.contracts.base import Actor
from shared.contracts.cases_v1 import ActionRefused, CaseVoided
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import ENTRIES, GRID, NEIGHBOUR, OTHER_COUNTY, filing_each, registry
from tests.unit.dispatch.crowd import Crowd, incident, reported
from tests.unit.dispatch.desk import DISPATCHER, RESIDENT, SUPERVISOR, actor, member

Story = Callable[..., Coroutine[Any, Any, None]]
DESK = actor(Role.ACCEPTANCE_DESK)


def told(story: Story) -> Callable[..., None]:
    """A story as a test."""

    @wraps(story)
    def test(*args: Any, **more: Any) -> None:  # noqa: ANN401
        asyncio.run(story(*args, **more))

    return test


async def a_pair() -> Crowd:
    """A case, and its follower: 30 m away, 20 minutes later."""
    crowd = await Crowd().take(reported(1))
    return await crowd.take(reported(2, metres=30, minutes=20))


@told
async def test_a_follower_is_told_which_case_it_is_how_far_and_how_long_after() -> None:
    crowd = await a_pair()
    (event,) = crowd.events(2)
    linked = event.data
    assert isinstance(linked, IncidentLinked)
    case = crowd.decided(1).case
    assert case is not None
    assert (linked.case_id, linked.case_no) == (incident(1), case.case_no)
    assert linked.metres == pytest.approx(30, abs=0.1)
    assert linked.minutes == 20
    assert linked.rule is Rule.DUPLICATE
    assert linked.explanation == EXPLANATIONS[Rule.DUPLICATE]
    assert (linked.grid, linked.matter, linked.by_second_look) == (GRID, "litter", False)
    assert crowd.decided(2).ending == "linked"


@pytest.mark.parametrize(
    "other",
    [
        {"metres": 50.2},
        {"minutes": 12 * 60 + 1},
        {"matter": "pothole"},
    ],
)
@told
async def test_what_is_farther_later_or_another_matter_is_filed(other: dict[str, Any]) -> None:
    crowd = await Crowd().take(reported(1), reported(2, **other))
    assert crowd.cases == {1, 2}


@told
async def test_what_is_just_near_enough_is_linked() -> None:
    crowd = await Crowd().take(reported(1), reported(2, metres=49.9, minutes=12 * 60))
    assert crowd.links == {2: 1}


@told
async def test_of_two_received_at_once_the_lower_id_is_the_first() -> None:
    assert (await Crowd().take(reported(2), reported(1))).links == {2: 1}


@told
async def test_a_border_between_grids_does_not_matter() -> None:
    crowd = await Crowd().take(reported(1, grid=GRID), reported(2, grid=NEIGHBOUR))
    assert crowd.cases == {1, 2}, "950 m apart"
    assert crowd.decided(2).case is not None


@told
async def test_a_follower_attracts_nobody() -> None:
    """The third is near the second only, which is no case."""
    crowd = await Crowd().take(reported(1), reported(2, metres=40), reported(3, metres=80))
    assert (crowd.cases, crowd.links) == ({1, 3}, {2: 1})


@told
async def test_where_the_policy_files_every_report_nothing_is_linked() -> None:
    crowd = await Crowd(registry=registry(filing_each(ENTRIES))).take(reported(1), reported(2))
    assert crowd.cases == {1, 2}
    assert await crowd.look_again() == 0
    assert all(raw["cell"] is None for raw in crowd.store.all().values())


@pytest.mark.parametrize("ended", ["closed", "voided"])
@told
async def test_a_case_that_has_ended_has_no_new_followers(ended: str) -> None:
    crowd = await Crowd().take(reported(1))
    if ended == "closed":
        await crowd.ask(1, Verb.ACCEPT, member())
        await crowd.ask(1, Verb.HANDLED, member())
        await crowd.ask(1, Verb.VERIFY, SUPERVISOR, passed=True)
    else:
        await crowd.ask(1, Verb.VOID, SUPERVISOR)
    await crowd.take(reported(2, minutes=1))
    assert crowd.decided(2).open_case is not None
    assert not crowd.links


@told
async def test_until_it_is_verified_a_case_still_has_followers() -> None:
    crowd = await Crowd().take(reported(1))
    await crowd.ask(1, Verb.ACCEPT, member())
    await crowd.ask(1, Verb.HANDLED, member())
    await crowd.take(reported(2, minutes=1))
    assert crowd.links == {2: 1}


@told
async def test_a_follower_is_no_case() -> None:
    crowd = await a_pair()
    for verb in Verb:
        if verb is not Verb.SEPARATE:
            assert await crowd.ask(2, verb, SUPERVISOR) == ["ActionRefused"]
            refused = crowd.events(2)[-1].data.rule
            assert refused in {Rule.NOT_A_CASE, Rule.NOT_IN_REVIEW, Rule.NOT_REJECTED}


@pytest.mark.parametrize("who", [DESK, DISPATCHER, actor(Role.DUTY_HEAD), SUPERVISOR])
@told
async def test_a_separated_follower_is_filed_as_if_it_had_come_alone(who: Actor) -> None:
    crowd = await a_pair()
    assert await crowd.ask(2, Verb.SEPARATE, who) == [
        "IncidentSeparated", "CaseFiled", "CaseDispatched",
    ]  # fmt: skip
    separated, filed, _ = (event.data for event in crowd.events(2)[1:])
    assert (separated.case_id, separated.actor, separated.reason) == (incident(1), who, "because")
    assert filed.case.times.received_at == reported(2, minutes=20).data.received_at
    assert filed.at == crowd.clock()
    assert crowd.cases == {1, 2}
    # Never linked again by the rules, though it stands where it stood.
    await crowd.look_again()
    assert crowd.cases == {1, 2}
    # It is a case like any other: others may follow the earlier one, and it can be accepted.
    assert await crowd.ask(2, Verb.ACCEPT, member()) == ["CaseAccepted"]


SPOILT: list[tuple[Actor, dict[str, Any], Rule]] = [
    (member(), {}, Rule.ROLE_NOT_ALLOWED),
    (RESIDENT, {}, Rule.ROLE_NOT_ALLOWED),
    (actor(Role.SUPERVISOR, area="990102"), {}, Rule.NOT_YOUR_AREA),
    (SUPERVISOR, {"reason": " "}, Rule.REASON_MISSING),
    (SUPERVISOR, {"expected_sequence": 0}, Rule.STALE_SEQUENCE),
]


@pytest.mark.parametrize(("who", "more", "rule"), SPOILT)
@told
async def test_who_may_not_separate_is_told_why(
    who: Actor, more: dict[str, Any], rule: Rule
) -> None:
    crowd = await a_pair()
    assert await crowd.ask(2, Verb.SEPARATE, who, **more) == ["ActionRefused"]
    assert crowd.events(2)[-1].data.rule is rule
    assert crowd.links == {2: 1}


@told
async def test_what_is_linked_to_nothing_cannot_be_separated() -> None:
    crowd = await Crowd().take(reported(1), reported(2, matter="no-such"))
    for number in (1, 2):
        assert await crowd.ask(number, Verb.SEPARATE, SUPERVISOR) == ["ActionRefused"]
        assert isinstance(refused := crowd.events(number)[-1].data, ActionRefused)
        assert refused.rule is Rule.NOT_A_FOLLOWER


@told
async def test_the_followers_of_a_void_case_are_filed_and_the_earliest_becomes_their_first() -> (
    None
):
    crowd = await Crowd().take(
        reported(1), reported(2, metres=-20, minutes=2), reported(3, metres=20, minutes=1),
        reported(4, metres=-45, minutes=3),
    )  # fmt: skip
    assert crowd.links == {2: 1, 3: 1, 4: 1}
    await crowd.ask(1, Verb.VOID, SUPERVISOR)
    await crowd.look_again()
    assert crowd.cases == {3, 4}, "3 came first; 4 is 65 m from it"
    assert crowd.links == {2: 3}
    separated = crowd.events(3)[1].data
    assert (separated.actor, separated.case_id) == (None, incident(1))
    assert crowd.kinds(2) == ["IncidentLinked", "IncidentSeparated", "IncidentLinked"]
    assert await crowd.look_again() == 0


@told
async def test_a_report_that_arrives_late_though_it_was_received_first_becomes_the_first() -> None:
    crowd = await Crowd().take(reported(2, minutes=10))
    await crowd.take(reported(1))
    assert crowd.cases == {1, 2}
    await crowd.look_again()
    assert (crowd.cases, crowd.links) == ({1}, {2: 1})
    voided, linked = (event.data for event in crowd.events(2)[-2:])
    assert isinstance(voided, CaseVoided)
    assert voided.actor is None
    assert linked.case_no in voided.reason
    assert linked.by_second_look
    assert voided.state_before == "dispatched"


async def at_once(crowd: Crowd) -> None:
    """Two processes file at once: neither look-up sees what the other has not written yet."""
    look_up = crowd.processes[1].processor.settler.look_up

    async def blind(*_: object) -> Lookups:
        return Lookups()

    crowd.processes[1].processor.settler.look_up = blind
    await crowd.take(reported(1))
    await crowd.take(reported(2, minutes=1), process=1)
    crowd.processes[1].processor.settler.look_up = look_up
    assert crowd.cases == {1, 2}


@told
async def test_what_two_processes_file_at_once_the_second_look_links() -> None:
    crowd = Crowd()
    await at_once(crowd)
    assert await crowd.processes[0].second_look.round() == 0, "not at once: others still write"
    await crowd.look_again()
    assert (crowd.cases, crowd.links) == ({1}, {2: 1})
    assert crowd.kinds(2) == ["CaseFiled", "CaseDispatched", "CaseVoided", "IncidentLinked"]


@told
async def test_what_a_unit_has_accepted_meanwhile_is_left_alone() -> None:
    crowd = Crowd()
    await at_once(crowd)
    await crowd.ask(2, Verb.ACCEPT, member())
    await crowd.look_again()
    assert crowd.cases == {1, 2}
    assert crowd.kinds(2)[-1] == "CaseAccepted"


@told
async def test_the_first_may_have_been_accepted() -> None:
    crowd = Crowd()
    await at_once(crowd)
    await crowd.ask(1, Verb.ACCEPT, member())
    await crowd.look_again()
    assert crowd.links == {2: 1}


@told
async def test_whom_the_second_look_linked_can_be_separated_under_its_number() -> None:
    crowd = Crowd()
    await at_once(crowd)
    number = crowd.events(2)[0].data.case.case_no
    await crowd.look_again()
    await crowd.ask(2, Verb.SEPARATE, SUPERVISOR)
    case = crowd.decided(2).open_case
    assert case is not None
    assert case.case_no == number
    await crowd.look_again()
    assert crowd.cases == {1, 2}


@told
async def test_a_process_that_dies_forgets_and_the_other_still_looks() -> None:
    crowd = Crowd()
    await at_once(crowd)
    crowd.clock.forward(10)
    assert await crowd.processes[1].second_look.round() == 1
    assert crowd.links == {2: 1}


@told
async def test_a_matter_not_dealt_with_by_a_policy_in_a_rejecting_county_is_linked_too() -> None:
    crowd = await Crowd().take(reported(1, grid=OTHER_COUNTY), reported(2, grid=OTHER_COUNTY))
    assert crowd.links == {2: 1}


@told
async def test_the_radius_of_the_matter_at_filing_stays_with_the_case() -> None:
    """A later version with another radius: the old cell is not looked into."""
    crowd = await Crowd().take(reported(1))
    case = crowd.decided(1)
    assert case.near is not None
    assert (case.near.metres, case.near.hours) == (50, 12)
    assert crowd.store.all()[incident(1)]["cell"].startswith("litter/50/")
