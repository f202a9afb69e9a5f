"""Running a service's app: uvicorn with every limit written down."""

import uvicorn
from fastapi import FastAPI

DRAIN_S = 20


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then drain for a bounded time."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="on",
        backlog=2048,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN_S,
        h11_max_incomplete_event_size=65_536,
    )
