"""The client asks again, with the same key and body, for as long as it has patience."""

import httpx
import pytest

from deploy import client as module
from deploy.client import AwayError, Client, RefusedError
from shared.platform.http import ProblemError


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_pause", lambda _state: 0.0)


async def test_a_busy_service_is_asked_again_with_the_same_key_and_body() -> None:
    seen: list[tuple[str, bytes]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["Idempotency-Key"], request.content))
        if len(seen) == 1:
            raise httpx.ConnectError("gone")
        return httpx.Response(503 if len(seen) < 4 else 202, json={"ok": True})

    retries = []
    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        client.on_retry = lambda: retries.append(1)
        assert await client.post("/v1/incidents", {"a": "é"}, "key") == {"ok": True}
    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert len(retries) == 3


async def test_patience_ends_with_an_error_that_names_the_service() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text="no database")

    transport = httpx.MockTransport(answer)
    async with Client("http://intake", patience=0, transport=transport) as client:
        with pytest.raises(AwayError, match=r"http://intake/x.*no database"):
            await client.get("/x")


async def test_a_refusal_is_not_asked_again_and_keeps_its_code() -> None:
    calls = []

    def answer(_request: httpx.Request) -> httpx.Response:
        calls.append(1)
        return httpx.Response(422, json={"code": "invalid", "detail": "colour: no such field"})

    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(RefusedError, match="colour") as caught:
            await client.post("/v1/incidents", {})
    assert (caught.value.status, caught.value.code, len(calls)) == (422, "invalid", 1)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (ProblemError(422, "deadline_passed", "past"), "办理期限已过；请填写将来的时间"),
        (
            ProblemError(422, "invalid", "title: blank", errors=[{"field": "title", "error": "x"}]),
            "请求内容不符合要求；请看所列字段（title）",
        ),
    ],
)
async def test_a_refusal_is_told_in_chinese_by_what_the_service_says_of_its_code(
    problem: ProblemError, said: str
) -> None:

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json=problem.body())

    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(RefusedError) as caught:
            await client.post("/v1/orders", {})
    assert caught.value.zh.endswith(f"拒绝请求：422 {problem.code}：{said}")


async def test_a_refusal_that_is_no_problem_is_still_told() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(418, text="<html>a proxy's page</html>")

    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(RefusedError, match="proxy") as caught:
            await client.get("/")
    assert caught.value.code == "unknown"


async def test_each_request_shows_its_own_token_else_the_clients() -> None:
    shown = []

    def answer(request: httpx.Request) -> httpx.Response:
        shown.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(answer)
    async with Client("http://intake", "mine", transport=transport) as client:
        await client.get("/")
        await client.get("/", token="other")
    async with Client("http://intake", transport=transport) as client:
        await client.get("/")
    assert shown == ["Bearer mine", "Bearer other", None]
