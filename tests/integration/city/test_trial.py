"""``wangge dispatch try``: today's rules change nothing, a draft says which cases would move."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml
from shapely.geometry import mapping

from deploy.city.building import tessellation
from tests.stackdriver import Stack

REPORTED = 12


class Bins(NamedTuple):
    """Incidents about litter bins, and an instant before them.

    Others may have reported a whole day to the same stack before that.
    """

    since: str
    incidents: list[str]


@pytest.fixture(scope="module")
def bins(city_stack: Stack) -> Bins:
    """Incidents about litter bins that were filed and dispatched by the rules."""
    since = datetime.now(UTC).isoformat()
    incidents = []
    with httpx.Client(base_url=city_stack.url("intake"), timeout=10) as client:
        # Each in a grid of its own: the same again near by would be linked to the first.
        for number, grid in enumerate(tessellation().grids[:REPORTED]):
            place = mapping(grid.representative_point())
            answer = client.post(
                "/v1/incidents",
                json={"matter": "litter-bin", "location": place, "description": f"bin {number}"},
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )
            incidents.append(answer.raise_for_status().json()["incident_id"])

        def dispatched() -> bool | None:
            told = [client.get(f"/v1/incidents/{one}").json() for one in incidents]
            return all(one["state"] == "dispatched" for one in told) or None

        city_stack.wait_for(dispatched, 20, "the reports are dispatched")
    return Bins(since, incidents)


def tried(stack: Stack, file: Path, since: str, *more: str) -> dict[str, Any]:
    answer = stack.call("dispatch", "try", "--rules", str(file), "--from", since, "--json", *more)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def todays(stack: Stack) -> list[dict[str, Any]]:
    printed = stack.call("registry", "export", "--kind", "rules", "--format", "yaml").stdout
    return list(yaml.safe_load(printed))


def test_on_todays_rules_it_prints_no_change_and_the_log_is_decided_alike(
    city_stack: Stack, bins: Bins, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(todays(city_stack)))
    found = tried(city_stack, file, bins.since)
    assert found["cases"] >= len(bins.incidents)
    assert (found["changed"], found["unlike_the_log"], found["warnings"]) == ([], [], [])
    shown = city_stack.call("dispatch", "try", "--rules", str(file))
    assert "no change" in shown.stdout


def test_a_draft_names_the_cases_that_would_go_elsewhere(
    city_stack: Stack, bins: Bins, tmp_path: Path
) -> None:
    draft = todays(city_stack)
    city = next(one for one in draft if one["code"] == "9901")
    lead = {"unit_kind": "town_centre"}
    names = {"zh": "垃圾箱", "en": "Bins"}
    when = {"matters": ["litter-bin"], "keywords": ["bin 7"]}
    city["rules"].insert(0, {"code": "bins", "names": names, "when": when, "lead": lead})
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(draft))
    found = tried(city_stack, file, bins.since)
    (changed,) = (one for one in found["changed"] if one["incident_id"] in bins.incidents)
    assert changed["incident_id"] == bins.incidents[7]
    assert changed["draft"]["unit"].startswith("centre-")
    assert changed["draft"]["rule"] == "bins"
    assert found["by_matter"]["litter-bin"] >= 1
    row = {"from": changed["today"]["unit"], "to": changed["draft"]["unit"], "cases": 1}
    assert row in found["by_unit"]
    # A period without reports has nothing to try.
    assert tried(city_stack, file, "1999-12-31", "--to", "2000-01-01T00:00Z")["cases"] == 0


def test_a_draft_that_names_what_is_not_there_is_tried_and_says_so(
    city_stack: Stack, bins: Bins, tmp_path: Path
) -> None:
    draft = todays(city_stack)
    names, lead = {"zh": "垃圾箱", "en": "Bins"}, {"unit_kind": "town_centre"}
    when = {"matters": ["liter-bin"]}
    draft[0]["rules"].insert(0, {"code": "bins", "names": names, "when": when, "lead": lead})
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(draft))
    (told,) = tried(city_stack, file, bins.since)["warnings"]
    assert (told["code"], told["codes"]) == ("unknown_name", [draft[0]["code"], "bins"])
    shown = city_stack.call("dispatch", "try", "--rules", str(file))
    assert "matter liter-bin" in " ".join((shown.stdout + shown.stderr).split())


def test_a_draft_with_a_mistake_is_refused_by_line(city_stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "- code: '9901'\n  rules:\n  - code: a\n    names: {zh: a, en: a}\n    lead: {}\n"
    )
    refused = city_stack.call("dispatch", "try", "--rules", str(file), expect=1)
    assert "name either unit or unit_kind" in refused.stdout + refused.stderr
