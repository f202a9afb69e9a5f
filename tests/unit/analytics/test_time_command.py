"""``wangge time``: a table of whose the time of a case was, in both languages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import spent
from deploy.cli.main import build
from deploy.local.errors import StackError
from services.analytics.domain import telling
from tests.unit.analytics.lives import UNITS, Life, fold, whole
from tests.unit.analytics.test_spending import LATER, events, suspended

Told = dict[str, Any]


def told(life: Life) -> Told:
    return telling.whole("i", fold(events(life.topics)), LATER, official=True)


@pytest.fixture(name="ask")
def _ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the command before an analytics that answers so."""

    def run(answer: Told, *arguments: str) -> Any:  # noqa: ANN401 - a result of the runner
        async def answered(_base: str, _case: str) -> Told:
            return answer

        monkeypatch.setattr(spent, "_ask", answered)
        monkeypatch.setattr(spent, "out", Console(width=200))
        return CliRunner().invoke(
            build(["time"]), ["time", "x", "--analytics", "http://x", *arguments]
        )

    return run


def test_each_span_has_its_stage_its_unit_and_why_it_counts_for_none(
    ask: Callable[..., Any],
) -> None:
    life = suspended(whole())
    life.move("return", UNITS[0])
    life.move("dispatch", UNITS[1])
    result = ask(told(life))
    assert result.exit_code == 0, result.output
    assert result.stdout.count("5 h 0 min") >= 6
    for words in (
        "处置",
        "handling",
        "退回获准",
        "clocks stood",
        "#1 → ",
        "parts",
        "进行中",
        "至今",
    ):
        assert words in result.stdout, words
    assert result.stdout.count(UNITS[0]) == 1, "who gave it back is named once, below"
    assert UNITS[1] in result.stdout


def test_as_json_it_is_the_time_of_the_case(ask: Callable[..., Any]) -> None:
    answer = told(whole())
    assert json.loads(ask(answer, "--json").stdout) == answer["time"]


def test_what_has_no_ledger_says_what_to_do(ask: Callable[..., Any]) -> None:
    result = ask({**told(whole()), "time": None})
    assert isinstance(result.exception, StackError)
    assert "rebuild" in str(result.exception)


def test_what_does_not_add_up_is_no_success(ask: Callable[..., Any]) -> None:
    answer = told(whole())
    answer["time"]["adds_up"] = False
    result = ask(answer)
    assert isinstance(result.exception, StackError)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (1, "0.001 s"),
        (61_000, "1 min 1 s"),
        (3_600_000, "1 h 0 min"),
        (90_061_000, "1 d 1 h"),
    ],
)
def test_the_largest_two_that_are_not_nothing(ms: int, text: str) -> None:
    assert spent.lasted(ms) == text
