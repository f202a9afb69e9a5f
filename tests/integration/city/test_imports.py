"""Importing through the command: whole, judged by at once, and nothing the second time."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from deploy.city import building
from deploy.feeds.reading import Kind
from shared.contracts.registry_v1 import entry_key
from tests.stackdriver import Stack


def entries(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return list(json.loads(stack.call("registry", "export", "--kind", kind).stdout))


def test_the_demo_city_is_in_the_registry_as_it_was_built(city_stack: Stack) -> None:
    built = {entry_key(one) for one in building.build()}
    found = {f"{one['kind']}/{one['code']}" for kind in Kind for one in entries(city_stack, kind)}
    assert built <= found


def test_what_was_exported_is_imported_without_a_change(city_stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "matters.json"
    file.write_text(json.dumps(entries(city_stack, "matters")))
    again = city_stack.call("registry", "import", str(file), "--kind", "matters", "--json")
    told = json.loads(again.stdout)
    assert (told["change"], told["count"]) == (None, 0)
    assert told["unchanged"] >= 40


@pytest.mark.parametrize("spelling", ["yaml", "csv"])
def test_a_list_is_edited_tried_and_imported(
    city_stack: Stack, tmp_path: Path, spelling: str
) -> None:
    file = tmp_path / f"matters.{spelling}"
    printed = city_stack.call("registry", "export", "--kind", "matters", "--format", spelling)
    assert printed.stdout.count("路灯不亮或倾斜") == 1
    name = f"Lamp {uuid.uuid4().hex[:6]}"
    was = next(one for one in entries(city_stack, "matters") if one["code"] == "street-lamp")
    file.write_text(printed.stdout.replace(was["names"]["en"], name, 1), encoding="utf-8")
    command = ("registry", "import", str(file), "--kind", "matters", "--json")
    tried = json.loads(city_stack.call(*command, "--dry-run").stdout)
    assert (tried["change"], tried["count"]) == (None, 1)
    (effect,) = tried["effects"]
    assert (effect["key"], effect["what"]) == ("matter/street-lamp", "changed")
    assert effect["differences"] == [
        {"field": "names.en", "before": was["names"]["en"], "after": name}
    ]
    assert json.loads(city_stack.call(*command).stdout)["count"] == 1
    told = city_stack.call("registry", "history", "matter/street-lamp", "--json").stdout
    *_, before, latest = json.loads(told)["versions"]
    assert (latest["n"], latest["note"]) == (before["n"] + 1, file.name)
    assert latest["differences"] == effect["differences"]
    assert json.loads(city_stack.call(*command).stdout)["count"] == 0


@pytest.mark.parametrize("spelling", ["geojson", "csv", "yaml"])
def test_components_are_exported_and_imported_without_a_change(
    city_stack: Stack, tmp_path: Path, spelling: str
) -> None:
    file = tmp_path / f"components.{spelling}"
    command = ("registry", "export", "--kind", "components", "--format", spelling)
    file.write_text(city_stack.call(*command).stdout, encoding="utf-8")
    command = ("registry", "import", str(file), "--kind", "components", "--json")
    told = json.loads(city_stack.call(*command).stdout)
    assert (told["change"], told["count"]) == (None, 0)
    assert 300 <= told["unchanged"] <= 600


def test_components_with_mistakes_are_refused_by_feature_and_change_nothing(
    city_stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "components.geojson"
    command = ("registry", "export", "--kind", "components", "--format", "geojson")
    found = json.loads(city_stack.call(*command).stdout)
    found["features"][6]["properties"]["state"] = "dented"
    found["features"][8]["geometry"]["coordinates"] = [119.6]
    file.write_text(json.dumps(found), encoding="utf-8")
    refused = city_stack.call("registry", "import", str(file), "--kind", "components", expect=1)
    assert "feature 7: state" in refused.stderr
    assert "feature 9: it is no Feature" in refused.stderr


def test_an_entry_that_never_was_has_no_history(city_stack: Stack) -> None:
    told = city_stack.call("registry", "history", "matter/unheard-of", "--json", expect=1)
    assert json.loads(told.stdout) == {"versions": []}


def test_a_list_with_mistakes_is_refused_by_line_and_changes_nothing(
    city_stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "matters.yaml"
    printed = city_stack.call("registry", "export", "--kind", "matters", "--format", "yaml").stdout
    lines = printed.splitlines()
    at = next(number for number, line in enumerate(lines, 1) if "klass:" in line)
    lines[at - 1] = "  klass: furniture"
    file.write_text("\n".join(lines), encoding="utf-8")
    refused = city_stack.call("registry", "import", str(file), "--kind", "matters", expect=1)
    assert f"line {at}: klass" in refused.stdout + refused.stderr


def test_the_very_next_report_is_judged_by_what_was_imported(
    city_stack: Stack, tmp_path: Path
) -> None:
    lamp = next(one for one in entries(city_stack, "matters") if one["code"] == "street-lamp")
    inside = building.tessellation().grids[0].representative_point()
    for _ in range(5):
        code = f"new-{uuid.uuid4().hex[:8]}"
        file = tmp_path / f"{code}.json"
        file.write_text(json.dumps([{**lamp, "code": code}]))
        city_stack.call("registry", "import", str(file), "--kind", "matters")
        place = {"type": "Point", "coordinates": [inside.x, inside.y]}
        answer = city_stack.http.post(
            city_stack.url("intake", "/v1/incidents"),
            json={"matter": code, "location": place},
            headers={"Idempotency-Key": code},
        )
        incident = answer.json()["incident_id"]

        def decided(incident: str = incident) -> dict[str, Any] | None:
            url = city_stack.url("intake", f"/v1/incidents/{incident}")
            told: dict[str, Any] = city_stack.http.get(url).json()
            return None if told["state"] == "reported" else told

        told = city_stack.wait_for(decided, 20, "the report is decided")
        assert told["reason"] is None, told["reason"]


def test_a_report_without_coordinates_is_filed_at_the_place_of_its_address(
    city_stack: Stack, tmp_path: Path
) -> None:
    inside = building.tessellation().grids[0].representative_point()
    name, code = f"东门{uuid.uuid4().hex[:6]}号市场", f"market-{uuid.uuid4().hex[:6]}"
    file = tmp_path / "places.yaml"
    file.write_text(
        f"- code: {code}\n  names: {{zh: {name}, en: Market {code}}}\n"
        f"  location: {{coordinates: [{inside.x}, {inside.y}]}}\n  valid_until: 2126-12-01\n",
        encoding="utf-8",
    )
    command = ("registry", "import", str(file), "--kind", "places", "--json")
    (effect,) = json.loads(city_stack.call(*command, "--dry-run").stdout)["effects"]
    assert [one["field"] for one in effect["differences"]] == ["valid_until"]
    assert json.loads(city_stack.call(*command).stdout)["count"] == 1
    export = ("registry", "export", "--kind", "places", "--format")
    file.write_text(city_stack.call(*export, "yaml").stdout, encoding="utf-8")
    assert "valid_until: '2126-11-30T16:00:00.000Z'" in file.read_text(encoding="utf-8")
    assert json.loads(city_stack.call(*command).stdout)["count"] == 0
    assert f"{code},{name}" in city_stack.call(*export, "csv").stdout
    answer = city_stack.http.post(
        city_stack.url("intake", "/v1/incidents"),
        json={"matter": "street-lamp", "address": f"临江市 {name}旁"},
        headers={"Idempotency-Key": code},
    )
    url = city_stack.url("intake", f"/v1/incidents/{answer.json()['incident_id']}")

    def filed() -> dict[str, Any] | None:
        told: dict[str, Any] = city_stack.http.get(url).json()
        return told if told["filed_at"] else None

    told = city_stack.wait_for(filed, 20, "the report is filed")
    assert told["place"] == {"zh": name, "en": f"Market {code}"}


def test_one_bad_entry_refuses_the_whole_file_and_is_named(
    city_stack: Stack, tmp_path: Path
) -> None:
    lamp = next(one for one in entries(city_stack, "matters") if one["code"] == "street-lamp")
    good, bad = f"good-{uuid.uuid4().hex[:8]}", f"bad-{uuid.uuid4().hex[:8]}"
    twice = [lamp["conditions"][0]] * 2
    file = tmp_path / "matters.json"
    file.write_text(
        json.dumps([{**lamp, "code": good}, {**lamp, "code": bad, "conditions": twice}])
    )
    done = city_stack.call("registry", "import", str(file), "--kind", "matters", expect=1)
    assert bad in done.stderr
    assert "duplicate_condition" in done.stderr
    found = city_stack.http.get(city_stack.url("intake", f"/v1/registry/matter/{good}"))
    assert found.status_code == 404


def test_a_dry_run_changes_nothing(city_stack: Stack, tmp_path: Path) -> None:
    lamp = next(one for one in entries(city_stack, "matters") if one["code"] == "street-lamp")
    code = f"dry-{uuid.uuid4().hex[:8]}"
    file = tmp_path / "matters.json"
    file.write_text(json.dumps([{**lamp, "code": code}]))
    arguments = ("registry", "import", str(file), "--kind", "matters", "--dry-run", "--json")
    assert json.loads(city_stack.call(*arguments).stdout)["count"] == 1
    found = city_stack.http.get(city_stack.url("intake", f"/v1/registry/matter/{code}"))
    assert found.status_code == 404
