"""An analytics that is killed between two steps of a batch; run as ``python -m``, by a test.

``WANGGE_TEST_STOP_AT`` is ``step:n``: at the n-th time that the step is reached, SIGKILL.
"""

import os
import signal
from typing import Any

from services.analytics import handlers
from services.analytics.app import build_app
from services.analytics.settings import Settings
from shared.ledger.steps import Step
from shared.platform.serve import serve

STEP, _, TIMES = os.environ["WANGGE_TEST_STOP_AT"].partition(":")
left = int(TIMES)
compose = handlers.settler


def _stop(step: Step) -> None:
    global left  # noqa: PLW0603 - one process, one kill
    left -= step == STEP
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def _with_stop(*arguments: Any) -> Any:  # noqa: ANN401 - in the place of the real one
    made = compose(*arguments)
    made.step = _stop
    return made


if __name__ == "__main__":
    handlers.settler = _with_stop  # type: ignore[assignment] # takes whatever it takes
    settings = Settings()
    serve(build_app(settings), settings.host, settings.port)
