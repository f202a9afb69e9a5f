"""Retrying in place what may pass, with growing pauses, inside the poll interval."""

from collections.abc import Awaitable, Callable

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from shared.ledger.ports import TransientError
from shared.platform import telemetry

log = structlog.get_logger("ledger")
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 3.0


async def patiently(work: Callable[[], Awaitable[None]], patience_s: float, service: str) -> None:
    """Do the work, again and again for ``patience_s`` seconds while it fails transiently.

    Raises the last TransientError when patience is at its end.
    """

    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning("retry", attempt=state.attempt_number, error=str(error)[:300])
        telemetry.RETRIES.labels(service).inc()

    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        wait=wait_exponential(multiplier=FIRST_PAUSE_S, max=LONGEST_PAUSE_S),
        stop=stop_after_delay(patience_s),
        before_sleep=note,
        reraise=True,
    ):
        with attempt:
            await work()
