"""``wangge order done``: the first words of a unit stand, and who comes again is told so."""

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
    "deadline": AT, "withdrawn_because": None, "units": [UNIT],
}  # fmt: skip


def done(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:  # noqa: ANN401 - a result
    """What unit u is told, of whose receipt intake has the words already."""

    def client(base: str, token: str) -> Client:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=TOLD))
        return Client(base, token, transport=transport)

    monkeypatch.setattr(order, "Client", client)
    monkeypatch.setattr(order, "mint_for", lambda *_args, **_more: "token")
    there = ("--of", "u", "--intake", "http://x")
    return CliRunner().invoke(build(["order"]), ["order", "done", "T0WJ", *there, *arguments])


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


def test_of_what_was_taken_nothing_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert done(monkeypatch, "--said", "before").stderr == ""
