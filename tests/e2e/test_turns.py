"""Each turn that a case takes between its dispatch and its end, through the whole stack."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.domain.urging import AGAIN
from shared.contracts.base import instant_text
from shared.platform.security import Role
from tests.e2e.city import City
from tests.stackdriver import Stack

MATTER = "small-ads"
"""Its limits are long: no clock takes part."""
EMERGENCY = "gas-smell"
DISPUTE = "neighbour-dispute"


@dataclass(frozen=True)
class Story:
    """One case, and whoever acts on it."""

    city: City
    incident: str

    def case(self) -> dict[str, Any]:
        """As analytics shows it."""
        return self.city.case(self.incident)

    def unit(self) -> str:
        """Who has it."""
        code: str = self.case()["unit"]["code"]
        return code

    def member(self, verb: str, of: str | None = None, **more: Any) -> None:  # noqa: ANN401
        """Somebody of the unit that has it, or of another, does something."""
        who = self.city.as_(Role.UNIT_MEMBER, of or self.unit())
        self._done(verb, self.city.act(self.incident, who, action=verb, reason="r", **more))

    def role(self, role: Role, verb: str, **more: Any) -> None:  # noqa: ANN401
        """Somebody of the city does something."""
        said = self.city.act(self.incident, self.city.as_(role), action=verb, reason="r", **more)
        self._done(verb, said)

    def refused(self, role: Role, verb: str, of: str | None = None, **more: Any) -> str:  # noqa: ANN401
        """Somebody may not; the rule."""
        who = self.city.as_(role, of)
        said = self.city.act(self.incident, who, action=verb, reason="r", **more)
        assert said["state"] == "refused", said
        rule: str = said["rule"]
        return rule

    def wait(self, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """The case once analytics shows these fields so."""

        def there() -> dict[str, Any] | None:
            case = self.case()
            return case if all(case.get(name) == one for name, one in fields.items()) else None

        found: dict[str, Any] = self.city.stack.wait_for(there, 20, f"{fields}")
        return found

    def with_unit(self, code: str) -> None:
        """Until analytics shows it there."""
        self.city.stack.wait_for(lambda: self.unit() == code, 20, f"{code} has it")

    def happened(self, *parts: str) -> list[str]:
        """The events in whose short names one of these stands, in their order."""
        named = [one["type"].removeprefix("cn.wangge.")[:-3] for one in self.case()["timeline"]]
        return [one for one in named if any(part in one for part in parts)]

    def to_its_end(self) -> None:
        """Handed back, checked, closed."""
        self.member("handled")
        self.role(Role.INSPECTOR, "verify", passed=True)
        self.wait(state="closed")

    @staticmethod
    def _done(verb: str, said: dict[str, Any]) -> None:
        assert said["state"] == "done", (verb, said)


@pytest.fixture(scope="module")
def city(stack: Stack) -> City:
    return City(stack)


@pytest.fixture
def story(city: City) -> Story:
    """A case that a unit has just been given."""
    return begun(city, MATTER)


def begun(city: City, matter: str, **fields: Any) -> Story:  # noqa: ANN401
    answer = city.report(matter=matter, location=city.point(city.inside()), **fields)
    story = Story(city, answer.json()["incident_id"])
    story.wait(state="dispatched")
    return story


def others(story: Story) -> list[str]:
    """Units of the kind of the one that has it, and of others."""
    mine = story.unit()
    units = [one for one in story.city.entries("unit") if one["code"] != mine]
    return [one["code"] for one in units if one["unit_kind"] == "department"]


def test_a_return_is_refused_then_granted_to_a_unit_that_is_named(story: Story) -> None:
    second = others(story)[0]
    story.member("return")
    assert story.refused(Role.UNIT_MEMBER, "return", story.unit()) == "request_pending"
    story.role(Role.DISPATCHER, "deny")
    story.member("return")
    story.role(Role.DISPATCHER, "approve", unit=second)
    story.with_unit(second)
    story.member("accept")
    story.to_its_end()
    assert story.happened("return") == [
        "case.return_requested", "case.return_refused",
        "case.return_requested", "case.return_granted",
    ]  # fmt: skip


def test_the_clocks_stand_and_run_on_and_more_time_is_denied_and_given(story: Story) -> None:
    until = instant_text(datetime.now(UTC) + timedelta(days=1))
    story.member("accept")
    story.member("suspend", until=until)
    story.role(Role.SUPERVISOR, "deny")
    story.member("suspend", until=until)
    story.role(Role.SUPERVISOR, "approve")
    story.member("resume")
    story.member("extend", amount=1)
    story.role(Role.SUPERVISOR, "deny")
    story.member("extend", amount=1)
    story.role(Role.SUPERVISOR, "approve")
    story.to_its_end()
    assert story.happened("suspen", "resumed", "exten") == [
        "case.suspension_requested", "case.suspension_refused",
        "case.suspension_requested", "case.suspended", "case.resumed",
        "case.extension_requested", "case.extension_refused",
        "case.extension_requested", "case.extended",
    ]  # fmt: skip


def test_others_are_called_one_comes_one_will_not_and_one_is_not_needed(story: Story) -> None:
    comes, declines, unneeded = others(story)[:3]
    story.member("accept")
    for one in (comes, declines, unneeded):
        story.member("whistle", unit=one)
    story.member("co_accept", comes)
    story.member("co_decline", declines)
    story.member("co_withdraw", unit=unneeded)
    story.member("handled")
    assert story.case()["state"] == "accepted"
    story.member("co_done", comes)
    story.role(Role.INSPECTOR, "verify", passed=True)
    story.wait(state="closed")
    assert story.happened("task.") == [
        "task.assigned", "task.assigned", "task.assigned",
        "task.accepted", "task.declined", "task.withdrawn", "task.done",
    ]  # fmt: skip


def test_it_is_handed_up_and_down_and_given_to_whom_the_centre_names(story: Story) -> None:
    second, told = others(story)[:2]
    grid = story.case()["grid"]
    story.role(Role.DISPATCHER, "hand_up", area=grid[:6])
    assert story.refused(Role.DISPATCHER, "hand_down", area=grid[:4]) == "not_below"
    story.role(Role.DISPATCHER, "hand_down", area=grid[:9])
    story.role(Role.DUTY_HEAD, "reassign", unit=second)
    story.with_unit(second)
    story.role(Role.LEADER, "cc", unit=told)
    story.role(Role.SUPERVISOR, "urge")
    story.member("accept")
    story.to_its_end()
    assert story.happened("handed", "copied", "urged") == [
        "case.handed_up", "case.handed_down", "case.copied", "case.urged",
    ]  # fmt: skip


def test_an_order_by_hand_is_given_and_lifted(story: Story) -> None:
    story.role(Role.SUPERVISOR, "supervise", level="yellow_card")
    story.wait(supervision="yellow_card")
    assert story.refused(Role.SUPERVISOR, "supervise", level="ordinary") == "supervised_already"
    story.role(Role.LEADER, "release")
    story.wait(supervision=None)
    story.member("accept")
    story.to_its_end()


def test_an_order_is_told_to_the_unit_that_gets_the_case_and_what_is_reported_again_urges(
    city: City,
) -> None:
    mine, place = city.as_(Role.REPORTER), city.point(city.inside())
    told = [city.report(who=mine, matter=MATTER, location=place).json() for _ in range(2)]
    first, again = (one["incident_id"] for one in told)
    story = Story(city, first)
    story.wait(state="dispatched", urgings=1)
    city.told(first, "dispatched")  # each is told by its own receipt
    assert city.told(again, "linked")["first_state"] == "dispatched"
    story.role(Role.SUPERVISOR, "supervise", level="ordinary")
    story.wait(supervision="ordinary")
    second = others(story)[0]
    story.role(Role.DUTY_HEAD, "reassign", unit=second)
    story.with_unit(second)
    city.stack.wait_for(lambda: story.happened("conveyed"), 20, "the new unit is told")
    story.member("accept")
    story.to_its_end()
    assert story.happened("conveyed", "urged") == ["case.urged", "supervision.conveyed"]
    (urged,) = [one for one in story.case()["timeline"] if "urged" in one["type"]]
    assert (urged["roles"], urged["reason"]) == (["reporter"], AGAIN)


def test_a_failed_check_is_worked_again_and_a_closed_case_is_opened_again(story: Story) -> None:
    story.member("accept")
    story.member("handled")
    story.role(Role.INSPECTOR, "verify", passed=False)
    story.to_its_end()
    story.role(Role.DISPATCHER, "reopen")
    story.wait(state="dispatched")
    story.member("accept")
    story.to_its_end()
    story.role(Role.SUPERVISOR, "void")
    story.wait(state="voided")
    assert story.happened("rework", "closed", "reopened", "voided") == [
        "case.rework_ordered", "case.closed", "case.reopened", "case.closed", "case.voided",
    ]  # fmt: skip


def test_an_emergency_is_made_safe_by_whoever_is_first(city: City) -> None:
    story = begun(city, EMERGENCY)
    first = others(story)[0]
    story.member("take_first", first)
    story.member("accept")
    story.member("make_safe", first)
    assert story.refused(Role.UNIT_MEMBER, "make_safe", first) == "safe_already"
    story.to_its_end()
    assert story.happened("first", "safe") == ["case.first_taken", "case.made_safe"]


def test_a_dispute_goes_through_the_turns_of_its_flow(city: City) -> None:
    story = begun(city, DISPUTE)
    story.member("accept")
    assert story.refused(Role.UNIT_MEMBER, "handled", story.unit()) == "flow_goes_on"
    story.member("step", turn="mediate")
    assert story.refused(Role.UNIT_MEMBER, "step", story.unit(), turn="agreed") == "paper_missing"
    story.member("step", turn="agreed", papers=[paper("agreement")])
    story.role(Role.INSPECTOR, "verify", passed=True)
    story.wait(state="closed")
    assert story.happened("step", "flow") == ["case.stepped", "case.flow_ended"]


def test_what_doubles_a_case_is_separated(story: Story) -> None:
    place = story.case()["location"]
    answer = story.city.report(matter=MATTER, location=place)
    double = Story(story.city, answer.json()["incident_id"])
    double.wait(state="linked")
    double.role(Role.DISPATCHER, "separate")
    double.wait(state="dispatched")
    assert double.case()["case_no"] != story.case()["case_no"]


def paper(code: str) -> dict[str, str]:
    return {"code": code, "ref": f"papers/{uuid.uuid4()}.pdf", "sha256": "0" * 64}
