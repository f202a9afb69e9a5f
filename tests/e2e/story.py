"""A story: one incident, and whoever acts on it, through the whole stack."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.platform.security import Role
from tests.e2e.city import City

MATTER = "small-ads"
"""Its limits are long: no clock takes part."""

Header = dict[str, str]


@dataclass(frozen=True)
class Story:
    """One incident, and whoever acts on it; a reason is given unless another one is."""

    city: City
    incident: str

    def case(self) -> dict[str, Any]:
        """As analytics shows it."""
        return self.city.case(self.incident)

    def unit(self) -> str:
        """Who has it."""
        code: str = self.case()["unit"]["code"]
        return code

    def by(self, who: Header, verb: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Somebody does something; what came of it."""
        said = self.city.act(self.incident, who, **{"action": verb, "reason": "r"} | more)
        assert said["state"] == "done", (verb, said)
        return said

    def member(self, verb: str, of: str | None = None, **more: Any) -> None:  # noqa: ANN401
        """Somebody of the unit that has it, or of another, does something."""
        self.by(self.city.as_(Role.UNIT_MEMBER, of or self.unit()), verb, **more)

    def role(self, role: Role, verb: str, **more: Any) -> None:  # noqa: ANN401
        """Somebody of the city does something."""
        self.by(self.city.as_(role), verb, **more)

    def refused_to(self, who: Header, verb: str, **more: Any) -> str:  # noqa: ANN401
        """Somebody may not; the rule."""
        said = self.city.act(self.incident, who, **{"action": verb, "reason": "r"} | more)
        assert said["state"] == "refused", said
        rule: str = said["rule"]
        return rule

    def refused(self, role: Role, verb: str, of: str | None = None, **more: Any) -> str:  # noqa: ANN401
        """Somebody of a role, and of a unit, may not; the rule."""
        return self.refused_to(self.city.as_(role, of), verb, **more)

    def once_heard(self, who: Header, verb: str, not_yet: str, **more: Any) -> None:  # noqa: ANN401
        """Somebody does what is refused by that rule until dispatch has heard of something."""

        def done() -> bool:
            said = self.city.act(self.incident, who, **{"action": verb, "reason": "r"} | more)
            assert said["state"] == "done" or said["rule"] == not_yet, said
            return bool(said["state"] == "done")

        self.city.stack.wait_for(done, 20, f"{verb} is not refused by {not_yet}")

    def wait(self, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """The case once analytics shows these fields so."""

        def there() -> dict[str, Any] | None:
            case = self.case()
            return case if all(case.get(name) == one for name, one in fields.items()) else None

        found: dict[str, Any] = self.city.stack.wait_for(there, 30, f"{fields}")
        return found

    def until(self, wanted: Callable[[], Any], what: str) -> None:
        """Until something is so."""
        self.city.stack.wait_for(wanted, 30, what)

    def is_one_of(self, *states: str) -> str:
        """Its state, once that is one of these."""
        self.until(lambda: self.case()["state"] in states, f"it is one of {states}")
        state: str = self.case()["state"]
        return state

    def with_unit(self, code: str) -> None:
        """Until analytics shows it there."""
        self.until(lambda: (self.case()["unit"] or {}).get("code") == code, f"{code} has it")

    def until_happened(self, event: str) -> None:
        """Until analytics shows such an event."""
        self.until(lambda: self.happened(event), f"{event} happened")

    def happened(self, *parts: str) -> list[str]:
        """The events in whose short names one of these stands, in their order."""
        named = [one["type"].removeprefix("cn.wangge.")[:-3] for one in self.case()["timeline"]]
        return [one for one in named if any(part in one for part in parts)]

    def clock(self, name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """A clock, as ``lead/handle``, once analytics shows these fields of it so."""

        def there() -> dict[str, Any] | None:
            found = {f"{one['task']}/{one['clock']}": one for one in self.case()["clocks"]}[name]
            return found if all(found.get(field) == one for field, one in fields.items()) else None

        found: dict[str, Any] = self.city.stack.wait_for(there, 30, f"{name} is {fields}")
        return found

    def to_its_end(self) -> None:
        """Handed back, checked, closed."""
        self.member("handled")
        self.checked()

    def checked(self) -> None:
        """Found in order, closed."""
        self.role(Role.INSPECTOR, "verify", passed=True)
        self.wait(state="closed")


def begun(city: City, matter: str = MATTER, area: str = "", **fields: Any) -> Story:  # noqa: ANN401
    """A case that a unit has just been given."""
    story = reported(city, area, matter=matter, **fields)
    story.wait(state="dispatched")
    return story


def reported(city: City, area: str = "", **fields: Any) -> Story:  # noqa: ANN401
    """An incident that was just reported somewhere in an area."""
    answer = city.report(**{"location": city.point(city.inside(area))} | fields)
    assert answer.status_code == 202, answer.text
    return Story(city, answer.json()["incident_id"])


def others(story: Story) -> list[str]:
    """Departments other than the unit that has it."""
    mine = story.unit()
    units = [one for one in story.city.entries("unit") if one["code"] != mine]
    return [one["code"] for one in units if one["unit_kind"] == "department"]


def paper(code: str) -> dict[str, str]:
    """A paper that is kept elsewhere."""
    return {"code": code, "ref": f"papers/{uuid.uuid4()}.pdf", "sha256": "0" * 64}
