"""The services run in an event loop in which a connection that is reset does no harm."""

import asyncio
from typing import Any

import pytest
import uvicorn
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest
from fastapi import FastAPI

from shared.platform.serve import serve

TURNS = 6
"""Of the loop: after so many, a lost connection is known to be lost."""


def test_what_is_sent_over_a_connection_that_was_lost_fails_as_kafkas_error(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda _, **given: options.update(given))
    for one in ("quieten_collector", "hand_over_soon"):  # they are for a process of its own
        monkeypatch.setattr(f"shared.platform.serve.{one}", lambda: None)
    app = FastAPI()
    serve(app, "127.0.0.1", 0)
    factory = uvicorn.Config(app, **options).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        for turns in range(TURNS):
            with pytest.raises(KafkaConnectionError):
                runner.run(send_after_loss(kafka, turns))


async def send_after_loss(kafka: str, turns: int) -> None:
    host, port = kafka.split(":")
    connection = await create_conn(host, int(port))
    connection._writer.transport.abort()
    for _ in range(turns):
        await asyncio.sleep(0)
    await connection.send(MetadataRequest([]))
