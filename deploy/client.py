"""A small client of the services' HTTP: it asks again, with the same key, while they are away."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from deploy.local.errors import StackError

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
AWAY = frozenset({429, 502, 503, 504})
"""Statuses that pass: the same request may be made again."""
TEXT_SHOWN = 300
LONGEST_PAUSE_S = 10.0

Params = Mapping[str, str | int | float | bool]


class AwayError(StackError):
    """A service cannot be reached, or says that it cannot serve; ``after`` is when to ask again."""

    def __init__(self, en: str, zh: str, after: float = 0.0) -> None:
        super().__init__(en, zh)
        self.after = after


class RefusedError(StackError):
    """A service refused a request: its problem's status, stable code and detail.

    ``meaning`` is what the code means in Chinese, where the service says so; ``errors``: where it
    is about many entries, which of them (``index``, from 0) for what reason.
    """

    def __init__(  # noqa: PLR0913 - what a problem says
        self,
        status: int,
        code: str,
        detail: str,
        where: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        meaning: str = "",
    ) -> None:
        super().__init__(
            f"{where} answered {status} {code}: {detail}",
            f"{where} 拒绝请求：{status} {code}" + (f"：{meaning}" if meaning else ""),
        )
        self.status = status
        self.code = code
        self.detail = detail
        self.where = where
        self.errors = errors
        self.meaning = meaning


class Client:
    """Talks to one service, as one caller; use it as an async context manager.

    ``patience`` is for how many seconds a request is made again while the service is away;
    ``connections`` how many it may have open at once.
    """

    def __init__(
        self,
        base: str,
        token: str | None = None,
        *,
        patience: float = 30.0,
        connections: int = 32,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self._patience = patience
        self._headers = bearer(token)
        self._http = httpx.AsyncClient(
            base_url=self.base,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            transport=transport,
            trust_env=False,
        )
        self.on_retry: Callable[[], None] = lambda: None
        """Called before a request is made again."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, params: Params | None = None, token: str | None = None) -> Any:  # noqa: ANN401
        """The JSON found there.

        Raises:
            RefusedError: the service refused; its ``status`` is 404 where there is nothing.
            AwayError: it could not be reached in time.
        """
        return await self._send("GET", path, params=params, headers=bearer(token))

    async def post(
        self,
        path: str,
        body: Any,  # noqa: ANN401
        key: str | None = None,
        token: str | None = None,
        params: Params | None = None,
    ) -> Any:  # noqa: ANN401
        """The JSON answered to ``body``; ``key`` is the Idempotency-Key of every attempt.

        Raises as `get` does.
        """
        headers = {"Content-Type": "application/json", **bearer(token)}
        if key is not None:
            headers["Idempotency-Key"] = key
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._send("POST", path, content=content, headers=headers, params=params)

    async def delete(self, path: str, match: str, params: Params | None = None) -> Any:  # noqa: ANN401
        """The JSON answered to a deletion of the version that ``match`` (an ETag) names.

        Raises as `get` does.
        """
        return await self._send("DELETE", path, params=params, headers={"If-Match": match})

    async def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Params | None = None,
        content: bytes | None = None,
    ) -> Any:  # noqa: ANN401
        async for attempt in AsyncRetrying(
            stop=stop_after_delay(self._patience),
            wait=_pause,
            retry=retry_if_exception_type(AwayError),
            before_sleep=lambda _: self.on_retry(),
            reraise=True,
        ):
            with attempt:
                return await self._once(
                    method, path, params=params, content=content, headers=headers
                )
        raise AssertionError  # the loop returns or raises

    async def _once(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401
        request["headers"] = {**self._headers, **request["headers"]}
        try:
            answer = await self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise AwayError(
                f"{self.base} cannot be reached ({error!r}); is the stack up? wangge status",
                f"无法连接 {self.base}，请用 wangge status 查看运行状态",
            ) from error
        if answer.status_code in AWAY:
            raise AwayError(
                f"{self.base}{path} cannot serve now: {answer.text[:TEXT_SHOWN]}",
                f"{self.base}{path} 暂时不可用",
                _seconds(answer.headers.get("Retry-After", "")),
            )
        if answer.is_error:
            raise refusal(answer)
        return answer.json()


_grow = wait_random_exponential(multiplier=0.2, max=3.0)


def _pause(state: RetryCallState) -> float:
    """As long as the service asks for, within bounds, else a growing pause."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, AwayError) else 0.0
    return max(_grow(state), min(asked, LONGEST_PAUSE_S))


def _seconds(text: str) -> float:
    """A Retry-After in seconds; dates, which our services never send, count as nothing."""
    return float(text) if text.isdecimal() else 0.0


def bearer(token: str | None) -> dict[str, str]:
    """The header that shows a token; none for an anonymous caller."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def refusal(answer: httpx.Response) -> RefusedError:
    """What a service said against a request; a problem (RFC 9457), or any other text."""
    try:
        problem = answer.json()
        code, detail = str(problem["code"]), str(problem["detail"])
        errors = problem.get("errors") or ()
        meaning = str((problem.get("explanation") or {}).get("zh", ""))
        fields = "、".join(str(one["field"]) for one in errors if "field" in one)
        meaning += f"（{fields}）" if meaning and fields else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        code, detail, errors, meaning = "unknown", answer.text[:TEXT_SHOWN], (), ""
    where = str(answer.request.url)
    return RefusedError(answer.status_code, code, detail, where, errors=errors, meaning=meaning)
