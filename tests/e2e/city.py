"""What the stories of the stack have in common: places, keys and steps of a case."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from shapely.geometry import Point, shape

from shared.platform.security import Principal, Role, mint, read_secret
from shared.registry.distance import metres
from tests.stackdriver import Stack

OUTSIDE = (0.0, 0.0)
APART_M = 100
"""Farther apart than what is the same reported again."""
TOWN_DIGITS = 9
DRAW = random.Random(1)  # noqa: S311 - places, no secrets


@dataclass(frozen=True)
class City:
    """Acts on a running stack as anybody; stories may do so at the same time."""

    stack: Stack
    places: list[tuple[float, float]] = field(default_factory=list)
    """Where something was reported."""
    done: list[tuple[str, str]] = field(default_factory=list)
    """What was done with which incident, by the verb."""

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Entries of the registry of one kind."""
        return self.stack.entries(kind)

    def inside(self, area: str = "") -> tuple[float, float]:
        """A point inside some grid of an area, far from those before: it would be a duplicate.

        Where none is named it is in no town that has a policy of its own.
        """
        apart = () if area else self.towns_apart()
        grids = [
            one
            for one in self.entries("grid")
            if one["code"].startswith(area) and not one["code"].startswith(apart)
        ]
        polygon = shape(DRAW.choice(grids)["geometry"])
        west, south, east, north = polygon.bounds
        while True:
            place = DRAW.uniform(west, east), DRAW.uniform(south, north)
            near = any(metres(*place, *other) < APART_M for other in self.places)
            if polygon.contains(Point(place)) and not near:
                self.places.append(place)
                return place

    def towns_apart(self) -> tuple[str, ...]:
        """The towns with policies of their own: other limits, a desk."""
        policies = (one["code"] for one in self.entries("policy"))
        return tuple(code for code in policies if len(code) >= TOWN_DIGITS)

    def as_(
        self,
        role: Role,
        unit: str | None = None,
        subject: str | None = None,
        area: str | None = None,
    ) -> dict[str, str]:
        """The header of somebody with a role, of a unit or an area where one is named."""
        principal = Principal(
            subject=subject or f"{role}-{uuid.uuid4().hex[:8]}",
            roles=frozenset({role}),
            unit=unit,
            area=area,
        )
        secret = read_secret(self.stack.home / "secret")
        return {"Authorization": f"Bearer {mint(secret, principal)}"}

    def report(
        self,
        key: str | None = None,
        who: dict[str, str] | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> httpx.Response:
        """Report an incident, anonymously where nobody is named."""
        return self.stack.http.post(
            self.stack.url("intake", "/v1/incidents"),
            json={"description": "a story", **fields},
            headers={"Idempotency-Key": key or str(uuid.uuid4()), **(who or {})},
        )

    def point(self, place: tuple[float, float]) -> dict[str, Any]:
        """A GeoJSON point."""
        return {"type": "Point", "coordinates": list(place)}

    def act(self, case: str, who: dict[str, str], **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Ask for an action and wait for its outcome, with the ``findings`` that it reported."""
        answer = self.stack.http.post(
            self.stack.url("intake", f"/v1/cases/{case}/actions"),
            json=request,
            headers={**who, "Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 202, answer.text
        url = self.stack.url("intake", f"/v1/cases/{case}/actions/{answer.json()['action_id']}")

        def decided() -> dict[str, Any] | None:
            found: dict[str, Any] = self.stack.http.get(url, headers=who).json()
            return None if found["state"] == "pending" else found

        outcome: dict[str, Any] = self.stack.wait_for(decided, 20, f"{request} is decided")
        if outcome["state"] == "done":
            self.done.append((request["action"], case))
        return outcome | {"findings": answer.json()["findings"]}

    def case(self, incident: str) -> dict[str, Any]:
        """What analytics knows, as a leader sees it."""
        url = self.stack.url("analytics", f"/v1/cases/{incident}")
        found: dict[str, Any] = self.stack.http.get(url, headers=self.as_(Role.LEADER)).json()
        return found

    def wait_state(self, incident: str, state: str) -> dict[str, Any]:
        """The case once analytics shows it in a state."""

        def there() -> dict[str, Any] | None:
            found = self.case(incident)
            return found if found.get("state") == state else None

        found: dict[str, Any] = self.stack.wait_for(there, 20, f"{incident} is {state}")
        return found

    def wait_order(self, incident: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The order in force once it is as it is wanted."""

        def there() -> dict[str, Any] | None:
            order = self.case(incident).get("order")
            return order if order is not None and wanted(order) else None

        found: dict[str, Any] = self.stack.wait_for(there, 20, f"the order of {incident}")
        return found

    def unacknowledged(self, unit: str) -> set[str]:
        """The cases in a unit's inbox whose order it has not acknowledged."""
        url = self.stack.url("analytics", f"/v1/units/{unit}/tasks?limit=500")
        told = self.stack.http.get(url, headers=self.as_(Role.LEADER)).json()
        return {one["incident_id"] for one in told["items"] if one["unacknowledged"]}

    def told(self, name: str, state: str) -> dict[str, Any]:
        """What intake tells the reporter, once it knows of that state."""
        url = self.stack.url("intake", f"/v1/incidents/{name}")

        def there() -> dict[str, Any] | None:
            found: dict[str, Any] = self.stack.http.get(url).json()
            return found if found.get("state") == state else None

        found: dict[str, Any] = self.stack.wait_for(there, 20, f"intake tells {name} is {state}")
        return found

    def overview(self, matter: str) -> dict[str, Any]:
        """The figures of a matter: of the whole city they grow by the inspections of plans too."""
        return self.asks("/v1/overview", matter=matter)

    def asks(self, path: str, **params: str) -> dict[str, Any]:
        """What analytics answers a leader."""
        url = self.stack.url("analytics", path)
        who = self.as_(Role.LEADER)
        found: dict[str, Any] = self.stack.http.get(url, params=params, headers=who).json()
        return found

    def inbox(self, path: str, listed: str = "items", **params: str) -> list[str]:
        """The incidents in an inbox, in their order."""
        told = self.asks(path, limit="500", **params)
        return [one["incident_id"] for one in told[listed]]

    def counted(self, figure: str, wanted: int, **params: str) -> None:
        """Until the overview shows a figure so."""
        self.stack.wait_for(
            lambda: self.asks("/v1/overview", **params)[figure] == wanted,
            20,
            f"{figure} is {wanted} of {params}",
        )

    def brings_in(self, *entries: dict[str, Any]) -> None:
        """Import entries into the registry, as one change."""
        answer = self.stack.http.post(
            self.stack.url("intake", "/v1/registry/import"),
            json={"entries": entries},
            headers=self.stack.bearer("registry_administrator"),
            timeout=30,
        )
        assert answer.status_code in {200, 202}, answer.text
