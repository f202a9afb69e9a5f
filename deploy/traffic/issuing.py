"""Plays an order: it is issued, its units answer in their time, or it is called off."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from deploy.client import AwayError, Client, RefusedError
from deploy.traffic import orders
from deploy.traffic.board import Board
from deploy.traffic.orders import Answer, Draft
from deploy.traffic.people import People
from shared.contracts.base import instant_text, to_instant
from shared.platform import ids

READING_S = (0.5, 3.0)
"""How long it takes until somebody has read it."""


class Issuing:
    """The orders of one run; ``free`` is a slot among the requests in flight."""

    def __init__(
        self,
        client: Client,
        people: People,
        board: Board,
        random: Random,
        free: asyncio.Semaphore,
    ) -> None:
        self._client = client
        self._people = people
        self._board = board
        self._random = random
        self._free = free

    async def issue(self, draft: Draft) -> None:
        """Issue it, and let everybody do what they do about it."""
        subject, token = self._people.reporter(draft.role)
        key = str(UUID(int=self._random.getrandbits(128), version=4))
        deadline = to_instant(datetime.now(UTC) + timedelta(seconds=orders.WITHIN_S))
        self._board.ordered(ids.order_id(subject, key), deadline)
        told = await self._post("", draft.body(instant_text(deadline)), token, key)
        if told is None:
            return
        order, units = told["order_id"], [one["unit"] for one in told["units"]]
        if not draft.withdrawn:
            await asyncio.gather(*(self._answer(order, unit) for unit in units))
            return
        await self._read(order, units[0])
        await self._post(f"/{order}/withdrawal", {"reason": orders.CALLED_OFF}, token)

    async def _answer(self, order: str, unit: str) -> None:
        answer = orders.answer(self._random)
        after = orders.done_after(answer, self._random)
        if answer is Answer.SILENT:
            return
        took = await self._read(order, unit)
        if after is not None:
            await asyncio.sleep(max(after - took, 0))
            body = {"receipt": "done", "said": orders.SAID}
            await self._post(f"/{order}/receipts", body, self._people.member(unit))

    async def _read(self, order: str, unit: str) -> float:
        """A unit reads it; how many seconds it took."""
        took = self._random.uniform(*READING_S)
        await asyncio.sleep(took)
        await self._post(f"/{order}/receipts", {"receipt": "read"}, self._people.member(unit))
        return took

    async def _post(
        self, path: str, body: dict[str, Any], token: str | None, key: str | None = None
    ) -> dict[str, Any] | None:
        """What is answered; None where it was not accepted."""
        async with self._free:
            try:
                told: dict[str, Any] = await self._client.post(
                    f"/v1/orders{path}", body, key, token
                )
            except RefusedError as error:
                self._board.failed(error.code)
            except AwayError:
                self._board.failed("away")
            else:
                return told
        return None
