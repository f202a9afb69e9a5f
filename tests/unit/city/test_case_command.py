"""``wangge case act`` says all that an action may say, as intake reads it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import case
from deploy.cli.main import build
from deploy.local.errors import StackError
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
        return {"state": "done"}

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
