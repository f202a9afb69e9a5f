"""``wangge order done``, ``withdraw``: the first words stand, and who comes again is told so."""

import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from deploy.cli import order
from deploy.cli.main import build
from deploy.client import Client

AT = "2026-12-01T22:07:05.431Z"
UNIT = {
    "unit": "u", "names": {"zh": "队", "en": "team"}, "area": "990101", "state": "done",
    "read_at": AT, "done_at": AT, "overdue": False, "late": False, "said": "before",
}  # fmt: skip
TOLD = {
    "order_id": "o", "order_no": "T0WJ-ZKAW-XC9D-2", "state": "open", "title": "t", "text": "",
    "deadline": AT, "withdrawn_at": None, "withdrawn_because": None, "units": [UNIT],
}  # fmt: skip
GONE = {**TOLD, "state": "withdrawn", "withdrawn_at": AT, "withdrawn_because": "over"}


def done(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:  # noqa: ANN401 - a result
    """What unit u is told, of whose receipt intake has the words already."""
    return said(monkeypatch, TOLD, "done", "--of", "u", *arguments)


def withdrawn(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:  # noqa: ANN401 - a result
    """What is told of an order that was withdrawn already, as it is over."""
    return said(monkeypatch, GONE, "withdraw", *arguments)


def said(monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], verb: str, *arguments: str) -> Any:  # noqa: ANN401 - a result
    """What the command says to this answer of intake."""

    def client(base: str, token: str) -> Client:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=told))
        return Client(base, token, transport=transport)

    monkeypatch.setattr(order, "Client", client)
    monkeypatch.setattr(order, "mint_for", lambda *_args, **_more: "token")
    there = ("T0WJ", "--intake", "http://x")
    return CliRunner().invoke(build(["order"]), ["order", verb, *there, *arguments])


def test_other_words_that_are_not_taken_are_no_silent_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for more in ((), ("--json",)):
        result = done(monkeypatch, "--said", "other", *more)
        assert result.exit_code == 0, result.output
        assert "u said so before, at 2026-12-01 22:07:05Z; nothing new was taken" in result.stderr
        assert "本次说明未收录" in result.stderr
        assert "before" in result.stdout
    assert json.loads(result.stdout) == TOLD


def test_another_reason_for_a_withdrawal_is_not_taken_and_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for more in ((), ("--json",)):
        result = withdrawn(monkeypatch, "--reason", "other", *more)
        assert result.exit_code == 0, result.output
        assert "withdrawn before, at 2026-12-01 22:07:05Z; nothing new was taken" in result.stderr
        assert "本次理由未收录" in result.stderr
        assert "over" in result.stdout
    assert json.loads(result.stdout) == GONE


def test_of_what_was_taken_nothing_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert done(monkeypatch, "--said", "before").stderr == ""
    assert withdrawn(monkeypatch, "--reason", "over").stderr == ""
