"""Inspections in the figures: what is planned, done, open, overdue and found, of each plan."""

from services.analytics.domain.columns import columns
from services.analytics.domain.plan_figures import by_plan
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.steps_v1 import FlowEnded
from shared.platform.ids import receipt_no
from tests.unit.analytics.lives import GRIDS, SECRET, UNITS, Life, fold
from tests.unit.analytics.test_telling import events_of, told


def inspection(
    *, found: int, incident: str = "i", missed: bool = False, which: str = story.FINDING.incident_id
) -> Life:
    """One that came to its end; ``which``: the incident that each of its findings is."""
    life = Life(incident, GRIDS[0], "fire-inspection")
    life.tell(
        IncidentReported(
            incident_id=incident, receipt_no=receipt_no(incident), received_at=life.now,
            zone=story.ZONE, reporter=SECRET,
            report=Report(matter="fire-inspection", plan=story.PLANNED),
        )
    )  # fmt: skip
    life.file()
    life.move("dispatch", UNITS[0])
    life.move("accept", UNITS[0])
    finding = story.FINDING.model_copy(update={"incident_id": which})
    life.case = case = life.case.model_copy(
        update={"flow": story.IN_FLOW.model_copy(update={"missed": missed})}
    )
    life.tell(
        FlowEnded(
            incident_id=incident, at=life.now, case=case, turn=story.TURN,
            state_before=story.FOUND, found=(finding,) * found,
        )
    )  # fmt: skip
    return life


def test_the_columns_say_which_plan_and_how_much_was_found() -> None:
    for found in (0, 2):
        row = columns(fold(events_of(inspection(found=found))))
        assert (row["plan"], row["plan_day"], row["findings"]) == ("fire-week", "2026-03-02", found)
    life = Life("i", GRIDS[0], "litter")
    life.report()
    row = columns(fold(events_of(life)))
    assert (row["plan"], row["plan_day"], row["findings"]) == (None, None, None)


def test_a_case_tells_its_plan_and_officials_what_was_found() -> None:
    life = inspection(found=1)
    for official in (True, False):
        case = told(life, official=official)
        assert case["plan"]["code"] == "fire-week"
        assert [one["code"] for one in case["plan"]["checklist"]] == ["exit"]
        (step,) = [one for one in case["timeline"] if one["type"] == FlowEnded.TYPE]
        assert ("found" in step) is official


def row(plan: str, end: str | None, day: str, **counts: int) -> dict[str, object]:
    none = dict.fromkeys(("planned", "done", "missed", "open", "overdue"), 0)
    ended = {} if end is None else {"end": end}
    return {
        "_id": {"plan": plan, **ended}, "names": {"zh": plan, "en": plan}, "kind": "patrol",
        "first": day, "last": day, **none, **counts,
    }  # fmt: skip


def test_figures_are_added_up_over_the_ends() -> None:
    patrol, survey = by_plan(
        [
            row("survey", None, "2026-03-01", planned=1, open=1),
            row("patrol", None, "2026-03-03", planned=2, open=2, overdue=1),
            row("patrol", "in_order", "2026-03-02", planned=3, done=3),
            row("patrol", "found", "2026-03-04", planned=1, done=1),
            row("patrol", "not_inspected", "2026-03-04", planned=2, missed=2),
        ],
        {
            ("patrol", "closed"): 1, ("patrol", "dispatched"): 1, ("patrol", "linked"): 1,
            ("patrol", None): 1, ("gone", "filed"): 1,
        },
    )  # fmt: skip
    assert patrol == {
        "code": "patrol", "names": {"zh": "patrol", "en": "patrol"}, "kind": "patrol",
        "planned": 8, "done": 4, "missed": 2, "open": 2, "overdue": 1, "findings": 4,
        "findings_became": {"filed": 2, "linked": 1, "reported": 1},
        "ends": {"in_order": 3, "found": 1, "not_inspected": 2},
        "first_day": "2026-03-02", "last_day": "2026-03-04",
    }  # fmt: skip
    assert (survey["code"], survey["ends"], survey["findings_became"]) == ("survey", {}, {})
