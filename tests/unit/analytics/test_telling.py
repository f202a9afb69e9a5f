"""What is told to whom, and in which form."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from services.analytics.domain import stored, telling
from services.analytics.domain.columns import columns
from services.analytics.domain.inboxes import Inbox, todos
from services.analytics.http.export import COLUMNS, csv_parts, geojson_parts
from shared.contracts.base import Names
from shared.contracts.case_v1 import AppealState
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import OnSite
from shared.contracts.outcomes_v1 import (
    IncidentHeld,
    IncidentLinked,
    IncidentRejected,
    LookOrdered,
    Obstacle,
)
from shared.contracts.reminders_v1 import SupervisionConveyed
from shared.contracts.rule_v1 import Rule
from shared.contracts.tasks_v1 import TaskAccepted, TaskAssigned, TaskDeclined, TaskDone
from shared.contracts.titles import VOID, VOID_RULE
from tests.unit.analytics.lives import GRIDS, LINK, MATTERS, SECRET, START, UNITS, Life, fold, whole

LATER = START + timedelta(days=30)


def events_of(life: Life) -> list[Any]:
    return [event for events in life.topics.values() for event in events]


def raw(life: Life) -> dict[str, Any]:
    """The document as a list reads it."""
    found = fold(events_of(life))
    return {"_id": life.incident, "state": stored.dump(found), **columns(found)}


def told(life: Life, *, official: bool) -> dict[str, Any]:
    return telling.whole(life.incident, fold(events_of(life)), LATER, official=official)


def unfiled() -> Life:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(IncidentRejected)
    return life


def follower() -> Life:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(IncidentLinked)
    return life


def test_a_follower_is_told_with_its_case_and_counts_as_linked_only() -> None:
    found = told(follower(), official=True)
    assert (found["state"], found["reason"]) == ("linked", "outside_every_grid")
    assert found["follows"] == {"incident_id": "first", "case_no": LINK["case_no"]}
    assert found["followers"] == {"count": 0, "incident_ids": []}
    timeline = fold(events_of(follower()))
    assert set(timeline.case.days) == {"located", "linked"}
    assert columns(timeline)["follows"] == "first"


def test_the_public_is_told_how_many_follow_a_case_and_not_who() -> None:
    life = whole()
    timeline = fold(events_of(life))
    shown = [
        telling.whole("i", timeline, LATER, official=official, followers=["f-1", "f-2"])
        for official in (False, True)
    ]
    assert [one["followers"]["count"] for one in shown] == [2, 2]
    assert "f-1" not in str(shown[0])
    assert shown[1]["followers"]["incident_ids"] == ["f-1", "f-2"]
    assert "'first'" not in str(told(follower(), official=False))


def test_what_the_second_look_links_is_void_no_more_and_filed_again_when_separated() -> None:
    life = whole()
    life.move("void", UNITS[0])
    life.leave_unfiled(IncidentLinked)
    timeline = fold(events_of(life))
    assert timeline.state == "linked"
    assert set(timeline.case.days) == {"located", "linked"}
    life.separate()
    life.file()
    timeline = fold(events_of(life))
    assert set(timeline.case.days) == {"located", "filed"}
    assert columns(timeline)["follows"] is None


@pytest.mark.parametrize("official", [True, False])
def test_a_void_case_tells_why_and_peoples_words_to_officials_alone(official: object) -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(IncidentHeld)
    life.file()
    life.move("dispatch", UNITS[0])
    life.move("void", UNITS[0], reason="theirs, not ours")
    found = told(life, official=bool(official))
    explanation = {"zh": VOID.zh, "en": VOID.en}
    assert (found["state"], found["reason"], found["explanation"]) == (
        "voided", VOID_RULE, explanation,
    )  # fmt: skip
    assert found["said"] == ("theirs, not ours" if official else None)
    assert found["tried"] == [], "nothing of the rules stands in its way any more"
    assert found["matter"]["code"] == MATTERS[0]
    assert ("theirs, not ours" in str(found)) == official
    listed = telling.row(raw(life), LATER, official=bool(official))
    assert (listed["reason"], listed["explanation"]) == (VOID_RULE, explanation)
    assert "theirs, not ours" not in str(listed)


def test_officials_are_told_all_but_who_somebody_is() -> None:
    life = whole()
    life.act()
    found = told(life, official=True)
    assert found["description"] == "words of the reporter"
    assert found["address"] == "an address"
    assert found["receipt_no"] == life.topics["incidents"][0].data.receipt_no
    told_reasons = {step.get("reason") for step in found["timeline"]}
    assert {"why", "wish"} <= told_reasons
    assert SECRET.subject not in str(found)


def test_the_public_is_told_no_words_of_people_and_not_who_acted() -> None:
    life = whole()
    life.act()
    text = str(told(life, official=False))
    life_no = life.topics["incidents"][0].data.receipt_no
    hidden = ("words of the reporter", "an address", "why", "wish", "unit_member", life_no)
    assert not [word for word in hidden if word in text]
    assert "receipt_no" not in told(life, official=False)


@pytest.mark.parametrize("official", [True, False])
def test_what_is_not_filed_is_told_to_the_public_in_part(official: object) -> None:
    whole_, row = told(unfiled(), official=bool(official)), raw(unfiled())
    listed = telling.row(row, LATER, official=bool(official))
    for found in (whole_, listed):
        assert (found["state"], found["reason"]) == ("rejected", "outside_every_grid")
        assert set(found["explanation"]) == {"zh", "en"}, "a list says why in words, too"
        assert (found["matter"] is not None) == official
        assert (found["location"] is not None) == official


def test_a_matter_that_is_not_public_is_told_to_officials_only() -> None:
    assert not telling.is_public(fold(events_of(whole(public=False))))
    assert telling.is_public(fold(events_of(whole())))
    assert telling.is_public(fold(events_of(unfiled())))
    assert raw(whole(public=False))["public"] is False


def test_steps_stand_in_the_order_of_time_with_titles_in_both_languages() -> None:
    life = whole()
    life.move("handle", UNITS[0])
    steps = told(life, official=True)["timeline"]
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert [step["topic"] for step in steps[:2]] == ["incidents", "cases"]
    assert steps[1]["title"] == {"zh": "立案", "en": "Case filed"}
    assert steps[1]["at"] == "2026-03-02T06:00:00.000Z"


def test_overdue_is_past_the_due_instant_of_a_running_clock() -> None:
    life = whole()
    due = raw(life)["handle_due"]
    for now, overdue in ((due, False), (due + timedelta(milliseconds=1), True)):
        assert telling.row(raw(life), now, official=True)["overdue"] == overdue
        found = telling.whole("i", fold(events_of(life)), now, official=True)
        assert found["overdue"] == overdue
    life.move("handle", UNITS[0])
    assert told(life, official=True)["overdue"] is False
    assert told(life, official=True)["due_at"] is None


def test_a_row_and_the_whole_tell_the_same() -> None:
    row = telling.row(raw(whole()), LATER, official=True)
    found = told(whole(), official=True)
    assert {name: found[name] for name in row} == row


def test_counts_of_the_case_are_told_even_where_they_are_zero() -> None:
    found = told(whole(), official=False)
    names = ("returns", "refused_returns", "reworks", "reopenings")
    assert [found[name] for name in names] == [0] * 4


async def some(*rows: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    for row in rows:
        yield row


async def test_a_csv_file_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    row = telling.row(raw(whole()), LATER, official=True)
    formula = {**row, "reason": '=HYPERLINK("x")', "location": None}
    text = "".join([part async for part in csv_parts(some(row, formula))])
    assert text.startswith("\ufeff")
    first, second = csv.DictReader(io.StringIO(text[1:]))
    assert tuple(first) == COLUMNS
    assert (first["matter"], first["overdue"]) == (MATTERS[0], "true")
    assert (first["longitude"], first["latitude"]) == ("120.1551", "30.2741")
    assert (second["reason"], second["longitude"]) == ('\'=HYPERLINK("x")', "")


async def test_a_large_file_comes_in_parts_and_is_whole() -> None:
    row = telling.row(raw(whole()), LATER, official=True)
    parts = [part async for part in csv_parts(some(*[row] * 500))]
    assert len(parts) > 2
    assert len(list(csv.reader(io.StringIO("".join(parts))))) == 501
    pieces = [part async for part in geojson_parts(some(*[row] * 500))]
    assert len(pieces) > 2
    assert len(orjson.loads(b"".join(pieces))["features"]) == 500


async def test_geojson_has_a_feature_for_each_row() -> None:
    row = telling.row(raw(whole()), LATER, official=True)
    nowhere = {**row, "location": None}
    text = b"".join([part async for part in geojson_parts(some(row, nowhere))])
    found = orjson.loads(text)
    assert found["type"] == "FeatureCollection"
    assert [one["geometry"] for one in found["features"]] == [row["location"], None]
    assert found["features"][0]["properties"]["case_no"] == row["case_no"]
    empty = b"".join([part async for part in geojson_parts(some())])
    assert orjson.loads(empty)["features"] == []


def test_the_order_in_force_says_how_often_it_was_told_again_and_who_has_acknowledged_it() -> None:
    life = whole()
    assert told(life, official=True)["order"] is None
    life.supervise()
    life.remind(2)
    order = told(life, official=True)["order"]
    assert (order["level"], order["reminded"], order["reminders"]) == ("yellow_card", 2, 3)
    assert order["acknowledged"] is None
    life.acknowledge()
    seen = told(life, official=True)["order"]["acknowledged"]
    assert seen.pop("at")
    assert seen == {"roles": list(SECRET.roles), "by_unit": SECRET.unit}
    assert told(life, official=False)["order"]["acknowledged"].keys() == {"at"}
    life.satisfy()
    assert told(life, official=True)["order"] is None
    assert told(life, official=True)["supervision"] is None


def test_that_an_order_was_told_to_another_unit_is_a_step_and_leaves_the_order_as_it_was() -> None:
    life = whole()
    life.supervise()
    before = told(life, official=True)["order"]
    life.convey(UNITS[1])
    after = told(life, official=True)
    assert after["order"] == before
    (step,) = [one for one in after["timeline"] if one["type"] == SupervisionConveyed.TYPE]
    assert (step["level"], step["unit"]) == ("yellow_card", UNITS[1])
    assert step["title"] == {"zh": "督办转达", "en": "Supervision conveyed"}


def test_a_unit_is_told_which_orders_it_has_not_acknowledged() -> None:
    life = whole()
    asked = Inbox.UNIT, LATER, UNITS[0]
    assert telling.task(raw(life), *asked)["unacknowledged"] is False
    life.supervise()
    assert telling.task(raw(life), *asked)["unacknowledged"] is True
    life.acknowledge()
    row = telling.task(raw(life), *asked)
    assert (row["supervision"], row["unacknowledged"]) == ("yellow_card", False)


def test_a_late_acknowledgement_of_another_order_changes_nothing() -> None:
    life = whole()
    life.supervise()
    first = life.ordered
    life.supervise()
    life.ordered = first
    life.acknowledge()
    assert told(life, official=True)["order"]["acknowledged"] is None


@pytest.mark.parametrize(("move", "judged"), [("dispatch", True), ("void", False)])
def test_an_appeal_waits_with_the_centre_while_it_may_be_decided(
    move: str,
    judged: bool,  # noqa: FBT001
) -> None:
    life = Life("i", GRIDS[0], "litter")
    waits = story.APPEAL.model_copy(update={"state": AppealState.PENDING})
    life.case = life.case.model_copy(update={"appeals": (waits,)})
    life.report()
    life.file()
    life.move(move, UNITS[0])
    found = todos(fold(events_of(life)))
    assert ((Inbox.CENTRE, "uphold") in {(one.inbox, one.action) for one in found}) is judged


def test_what_an_officer_says_to_have_put_right_is_told_to_whoever_handles_it() -> None:
    life = Life("i", GRIDS[0], "litter")
    life.report()
    done = OnSite(before=story.BEFORE, after=story.AFTER, said="swept")
    life.tell(
        CaseFiled(
            incident_id="i", at=life.now, case=life.case, receipt_no=story.RECEIPT, put_right=done
        )
    )
    for official in (True, False):
        (step,) = [
            one
            for one in told(life, official=official)["timeline"]
            if one["type"] == CaseFiled.TYPE
        ]
        assert ("photos" in step) is official
        assert (step.get("reason") == "swept") is official


NO_MATTER = Obstacle(rule=Rule.NO_MATTER, explanation=Names(zh="没有写明事项", en="no matter"))


def appealed() -> Life:
    """It waits in review again: the rules could not file it, the desk rejected it."""
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(IncidentHeld, NO_MATTER)
    (held,) = (event.data for event in life.topics["cases"])
    by = {**dict(held), "actor": SECRET, "also": ()}
    life.tell(IncidentRejected(**{**by, "rule": Rule.REJECTED_BY_DESK}))
    life.tell(IncidentHeld(**{**by, "rule": Rule.APPEALED}))
    return life


def test_the_desk_is_told_what_the_rules_tried_also_after_an_appeal() -> None:
    life = appealed()
    row = telling.task(raw(life), Inbox.DESK, LATER)
    assert row["reason"] == "appealed"
    assert [one["rule"] for one in row["tried"]] == ["outside_every_grid", "no_matter"]
    assert all(set(one["explanation"]) == {"zh", "en"} for one in row["tried"])
    assert told(life, official=True)["tried"] == row["tried"]
    life.leave_unfiled(LookOrdered)
    again = telling.task(raw(life), Inbox.DESK, LATER)
    assert [one["rule"] for one in again["tried"]] == ["outside_every_grid"], "the rules' last word"


def test_of_a_case_nothing_is_told_of_what_was_tried_before_it_was_filed() -> None:
    life = appealed()
    life.file()
    assert telling.task(raw(life), Inbox.CENTRE, LATER)["tried"] == []
    assert told(life, official=True)["tried"] == []


def test_a_case_says_the_number_of_its_newest_event_refusals_among_them() -> None:
    life = whole()
    assert telling.row(raw(life), LATER, official=True)["sequence"] == 3
    life.act()
    row = telling.task(raw(life), Inbox.UNIT, LATER, UNITS[0])
    number = life.topics["cases"][-1].sequence
    assert row["sequence"] == told(life, official=False)["sequence"] == number == 4
    life.supervise()
    assert told(life, official=True)["sequence"] == number, "of the case, not of its clocks"
    only_reported = Life("j", GRIDS[0], MATTERS[0])
    only_reported.report()
    assert told(only_reported, official=True)["sequence"] == 0


@pytest.mark.parametrize("kind", [TaskAssigned, TaskAccepted, TaskDeclined, TaskDone])
def test_a_step_of_a_task_names_the_unit_whose_task_it_is(kind: type[TaskAssigned]) -> None:
    life = whole()
    assert life.case.unit is not None
    assert life.case.unit.code != story.TASK.unit.code
    life.tell_timed(
        life.case,
        kind(
            incident_id="i",
            at=life.now,
            actor=SECRET,
            reason="why",
            case=life.case,
            task=story.TASK,
        ),
    )
    timeline = told(life, official=True)["timeline"]
    (step,) = [one for one in timeline if one["type"] == kind.TYPE]
    assert step["unit"] == step["to"] == story.TASK.unit.code
    (accepted,) = [one for one in timeline if one["type"] == "cn.wangge.case.accepted.v1"]
    assert accepted["unit"] == UNITS[0]
