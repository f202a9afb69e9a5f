"""``wangge case act`` says all that an action may say, as intake reads it."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import case, known
from deploy.cli.main import build
from deploy.client import Client
from deploy.local.errors import StackError
from services.dispatch.domain.printed import as_rows
from services.intake.domain.inspecting import ActionBody
from services.intake.http.actions import REQUEST
from services.intake.http.door import parse
from shared.contracts.base import Point

Sent = list[ActionBody]


@pytest.fixture(name="sent")
def _sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What intake has read."""
    found: Sent = []

    async def take(_base: str, _case: str, body: Mapping[str, Any], _token: str) -> dict[str, Any]:
        found.append(parse(REQUEST, json.dumps(body).encode()))
        return {"state": "done", "findings": []}

    monkeypatch.setattr(case, "_act", take)
    monkeypatch.setattr(case, "mint_for", lambda *_args, **_more: "token")
    return found


def act(*arguments: str) -> Any:  # noqa: ANN401 - a result of the runner
    return CliRunner().invoke(
        build(["case"]), ["case", "act", "x", *arguments, "--intake", "http://x"]
    )


def test_an_inspection_says_what_it_found(sent: Sent) -> None:
    found = ("--finding", "exit=blocked by boxes", "--finding", "lamp")
    result = act("step", "--turn", "found", *found, "--as", "unit_member", "--of", "team")
    assert result.exit_code == 0, result.output
    (asked,) = sent
    assert [(one.item, one.description) for one in asked.findings] == [
        ("exit", "blocked by boxes"), ("lamp", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["done", "refused"])
def test_what_was_found_is_told_by_its_receipts(
    monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    found = [
        {"item": "exit", "incident_id": "i1", "receipt_no": "E698"},
        {"item": "lamp", "incident_id": "i2", "receipt_no": "E699"},
    ]
    words = {"zh": "不是该单位", "en": "not its unit"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(202, json={"action_id": "a", "findings": found})
        told = {"action_id": "a", "state": state, "rule": "r", "explanation": words, "sequence": 1}
        return httpx.Response(200, json=told)

    def client(base: str, token: str) -> Client:
        return Client(base, token, transport=httpx.MockTransport(answer))

    monkeypatch.setattr(case, "Client", client)
    monkeypatch.setattr(case, "mint_for", lambda *_args, **_more: "token")
    said = ("step", "--finding", "exit", "--finding", "lamp", "--as", "unit_member")
    result = act(*said)
    assert result.exit_code == (state != "done")
    assert result.stdout.splitlines() == [
        "finding 检查发现 exit: E698", "finding 检查发现 lamp: E699",
    ]  # fmt: skip
    told = json.loads(act(*said, "--json").stdout)
    assert (told["state"], told["findings"]) == (state, found)


def test_whoever_whistles_says_whether_the_case_waits(sent: Sent) -> None:
    for said in ((), ("--needed",), ("--optional",)):
        act("whistle", "--unit", "u", *said, "--as", "dispatcher", "--reason", "r")
    assert [one.needed for one in sent] == [True, True, False]


def test_where_it_is_and_what_was_seen_of_it(sent: Sent) -> None:
    act("file", "--at", "120.5,30.25", "--seen", "4", "--as", "acceptance_desk")
    act("file", "--as", "acceptance_desk")
    assert [one.location for one in sent] == [Point(coordinates=(120.5, 30.25)), None]
    assert [one.expected_sequence for one in sent] == [4, None]


@pytest.mark.parametrize("said", ["", "120.5", "here,there", "1,2,3"])
def test_what_is_no_place_is_said(sent: Sent, said: str) -> None:
    result = act("file", "--at", said, "--as", "acceptance_desk")
    assert isinstance(result.exception, StackError)
    assert sent == []


def test_the_table_as_json_is_what_dispatch_answers() -> None:
    result = CliRunner().invoke(build(["case"]), ["case", "table", "--format", "json"])
    rows = json.loads(result.output)
    assert rows == json.loads(json.dumps(as_rows()))
    assert {"request": "return", "action": "approve"}.items() <= rows[2].items()
    assert [one["lowest_level"] for one in rows if one["action"] == "void"] == ["town"]
    assert [one["may_stay"] for one in rows[:2]] == [False, True]


def test_the_desks_inbox_shows_what_the_rules_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "case_no": None, "receipt_no": "E698", "matter": None, "due_at": None, "overdue": False,
        "supervision": None, "unacknowledged": False, "actions": ["file"], "reason": "appealed",
        "flow": None, "tried": [
            {"rule": "no_matter", "explanation": {"zh": "没有写明事项", "en": "none is named"}},
        ],
    }  # fmt: skip

    async def found(*_args: object) -> dict[str, Any]:
        return {"items": [row], "count": 1}

    monkeypatch.setattr(case, "_inbox", found)
    monkeypatch.setattr(case, "out", Console(width=200, soft_wrap=True))
    result = CliRunner().invoke(
        build(["case"]), ["case", "inbox", "--desk", "--analytics", "http://x"]
    )
    assert result.exit_code == 0, result.output
    for part in ("file (appealed)", "no_matter", "没有写明事项", "none is named"):
        assert part in result.output


def test_a_supervisor_lists_what_its_area_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []
    row = {
        "case_no": "990101-1", "matter": None, "due_at": None, "overdue": False,
        "supervision": "yellow_card", "state": "accepted",
    }  # fmt: skip

    async def found(_base: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        asked.append((path, query))
        return {"items": [row], "next": None}

    monkeypatch.setattr(case, "_inbox", found)
    result = CliRunner().invoke(
        build(["case"]), ["case", "inbox", "--watcher", "990101", "--analytics", "http://x"]
    )
    assert result.exit_code == 0, result.output
    assert asked == [("/v1/cases", {"watcher": "990101", "state": "open"})]
    assert "accepted" in result.output
    assert "yellow_card" in result.output
    both = CliRunner().invoke(build(["case"]), ["case", "inbox", "--watcher", "990101", "--desk"])
    assert isinstance(both.exception, StackError)


def test_photos_are_known_by_the_hash_of_the_file_or_by_the_one_that_is_typed(
    sent: Sent, tmp_path: Path
) -> None:
    (tmp_path / "after.jpg").write_bytes(b"a photo")
    elsewhere = f"before=photos/a=b.jpg={'0' * 64}"
    shown = ("--photo", elsewhere, "--photo", f"after={tmp_path / 'after.jpg'}")
    result = act("handled", *shown, "--as", "unit_member", "--of", "team")
    assert result.exit_code == 0, result.output
    (asked,) = sent
    assert [(one.shows, one.ref, one.sha256) for one in asked.photos] == [
        ("before", "photos/a=b.jpg", "0" * 64),
        ("after", "after.jpg", sha256(b"a photo").hexdigest()),
    ]


def test_a_paper_too_may_be_kept_elsewhere(sent: Sent) -> None:
    act("step", "--turn", "t", "--paper", f"order=o.pdf={'1' * 64}", "--as", "unit_member")
    assert [(one.code, one.ref, one.sha256) for one in sent[0].papers] == [
        ("order", "o.pdf", "1" * 64)
    ]


@pytest.mark.parametrize(
    "said", ["", "x.jpg", "during=x.jpg", "after", "after=", "after=/no/x.jpg"]
)
def test_what_is_no_photo_is_said_in_both_languages(sent: Sent, said: str) -> None:
    result = act("handled", "--photo", said, "--as", "unit_member")
    assert isinstance(result.exception, StackError)
    assert f"--photo {said}" in result.exception.en
    assert f"--photo {said}：请写" in result.exception.zh
    assert sent == []


def test_the_desk_names_the_condition_that_holds(sent: Sent) -> None:
    act("file", "--matter", "manhole-cover", "--condition", "cracked", "--as", "acceptance_desk")
    assert [(one.matter, one.condition) for one in sent] == [("manhole-cover", "cracked")]


def inbox(monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], status: int) -> Any:  # noqa: ANN401
    """The inbox of unit u, of which analytics and the registry say so."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/units/u/tasks":
            return httpx.Response(200, json=told)
        assert request.url.path == "/v1/registry/unit/u"
        return httpx.Response(status, json={"code": "not_found", "detail": "no"})

    def client(base: str, _role: object) -> Client:
        return Client(base, transport=httpx.MockTransport(answer))

    monkeypatch.setattr(case, "acting", client)
    monkeypatch.setattr(known, "acting", client)
    there = ("--analytics", "http://a", "--intake", "http://i")
    return CliRunner().invoke(build(["case"]), ["case", "inbox", "--unit", "u", *there])


NOTHING: dict[str, Any] = {
    "items": [], "count": 0, "orders": [], "orders_count": 0, "copied": [], "copied_count": 0,
}  # fmt: skip


def test_an_inbox_of_no_unit_is_no_empty_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    result = inbox(monkeypatch, NOTHING, 404)
    assert isinstance(result.exception, StackError)
    assert "no unit u" in result.exception.en
    assert "没有单位 u" in result.exception.zh
    assert inbox(monkeypatch, NOTHING, 200).exit_code == 0


def test_an_inbox_says_how_many_cases_and_how_many_orders_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = {
        "order_no": "X-1", "title": "t", "deadline": "2026-06-01T10:00:00.000Z", "overdue": False,
        "actions": ["read"],
    }  # fmt: skip
    result = inbox(monkeypatch, {**NOTHING, "orders": [order], "orders_count": 3}, 404)
    assert result.exit_code == 0, result.output
    assert "0 cases, 3 orders  案卷 0 件，指令 3 条" in result.output
    assert "X-1" in result.output
    one = inbox(monkeypatch, {**NOTHING, "orders": [order], "orders_count": 1, "count": 1}, 404)
    assert "1 case, 1 order  " in one.output
