"""An intake that is killed at a chosen stage of a change; run as ``python -m``, by a test.

``WANGGE_TEST_STOP_AT`` is ``stage:n``: at the n-th time that the stage is reached, SIGKILL.
"""

import os
import signal

from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.app import build_app
from services.intake.registry_writer import Stage
from services.intake.settings import Settings
from shared.platform.logging import configure
from shared.platform.serve import serve


class Stopper:
    """Counts the stages; arms the writer at the first request, when the door is there."""

    def __init__(self, app: ASGIApp, at: str, times: int) -> None:
        self.app = app
        self.at = at
        self.left = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["app"].state.door.writer.hook = self.reached
        await self.app(scope, receive, send)

    def reached(self, stage: Stage) -> None:
        self.left -= stage == self.at
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve until the stage is reached."""
    settings = Settings()
    configure("intake", settings.log_format)
    stage, _, times = os.environ["WANGGE_TEST_STOP_AT"].partition(":")
    app = build_app(settings)
    app.add_middleware(Stopper, at=stage, times=int(times))
    serve(app, settings.host, settings.port)


if __name__ == "__main__":
    main()
