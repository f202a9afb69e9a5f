"""What ``wangge plan list`` shows of plans that have made no inspection yet."""

from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from deploy.cli import known, plan
from deploy.cli.main import build
from deploy.cli.plan import findings_of
from deploy.client import Client
from deploy.local.errors import StackError
from deploy.plans import with_waiting
from services.analytics.domain.plan_figures import ADDED
from shared.contracts.golden import story

PLAN = story.PLAN
MADE = {"code": "patrol", "names": {"zh": "巡查", "en": "patrol"}, "planned": 3}


def test_a_plan_that_has_made_nothing_yet_is_listed_with_its_days() -> None:
    made, waiting = with_waiting([{**MADE, "code": "a-patrol"}], [PLAN])
    assert made["planned"] == 3
    assert waiting["code"] == PLAN.code
    assert {name: waiting[name] for name in ADDED} == dict.fromkeys(ADDED, 0)
    assert (waiting["first_day"], waiting["last_day"]) == ("2026-03-02", "2026-03-30")


def test_what_has_made_some_is_listed_once_as_it_is() -> None:
    row = {**MADE, "code": PLAN.code}
    assert with_waiting([row], [PLAN]) == [row]


def test_of_a_time_only_plans_with_a_day_in_it_are_listed() -> None:
    assert with_waiting([], [PLAN], "2026-03-31") == []
    assert with_waiting([], [PLAN], None, "2026-03-01") == []
    (row,) = with_waiting([], [PLAN], "2026-03-10", "2026-03-20")
    assert (row["first_day"], row["last_day"]) == ("2026-03-16", "2026-03-16")


def test_findings_are_told_with_what_became_of_them() -> None:
    row = {"findings": 3, "findings_became": {"filed": 2, "linked": 1}}
    assert findings_of(row) == "3: 已立案 filed 2, 重复上报 duplicate 1"
    assert findings_of({"findings": 0, "findings_became": {}}) == "0"


@pytest.fixture(name="told_of")
def _told_of(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a function
    """Lists one plan; the registry has `PLAN`, and has had ``ended``; none has made anything."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/plans":
            return httpx.Response(200, json={"items": []})
        if request.url.path == "/v1/registry/plan":
            raw = {"entry": PLAN.model_dump(mode="json"), "valid_until": None}
            return httpx.Response(200, json={"items": [raw], "later": [], "next": None})
        there = request.url.path in {f"/v1/registry/plan/{one}" for one in (PLAN.code, "ended")}
        return httpx.Response(200 if there else 404, json={"code": "not_found", "detail": "no"})

    def client(base: str, _role: object) -> Client:
        return Client(base, transport=httpx.MockTransport(answer))

    for module in (plan, known):
        monkeypatch.setattr(module, "acting", client)
    there = ("--analytics", "http://a", "--intake", "http://i")

    def run(*arguments: str) -> Any:  # noqa: ANN401 - a result of the runner
        return CliRunner().invoke(build(["plan"]), ["plan", "list", *there, *arguments])

    return run


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_plan_that_there_is_not_is_no_empty_list(told_of: Any, more: tuple[str, ...]) -> None:  # noqa: ANN401
    error = told_of("--plan", "nope", *more).exception
    assert isinstance(error, StackError)
    assert "there is no plan nope" in error.en
    assert "没有检查计划 nope" in error.zh


def test_a_plan_that_has_made_nothing_or_has_ended_is_none_that_there_is_not(
    told_of: Any,  # noqa: ANN401
) -> None:
    waiting = told_of("--plan", PLAN.code)
    assert (waiting.exit_code, PLAN.code in waiting.stdout) == (0, True)
    assert told_of("--plan", PLAN.code, "--from", "2031-01-01").exit_code == 0
    assert told_of("--plan", "ended").exit_code == 0
    assert told_of().exit_code == 0
