"""Starting a stack and telling what becomes of it, for as long as `wangge up` stays."""

import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from rich.progress import Progress

from deploy.cli.console import err, note
from deploy.cli.overview import news
from deploy.local import jars, state
from deploy.local.errors import StackError
from deploy.local.launch import Launch
from deploy.local.leash import ALREADY_RUNNING
from deploy.local.paths import Home
from deploy.local.plan import StackPlan


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM: `up` is to stop what it started."""


def run(
    plan: StackPlan, home: Home, ready: Callable[[state.StackState], None], *, detach: bool
) -> None:
    """Start a stack, call ``ready`` when it is, then leave it or stay until it ends.

    Whatever goes wrong before the end of ``ready`` stops the stack again.

    Raises:
        StackError: it cannot be started, or has ended by itself.
    """
    _fetch_kafka(plan)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    started = Launch(plan, home)
    try:
        story = Story(started)
        ready(story.until_ready())
        if detach:
            started.release()
            return
        note("Ctrl-C stops everything.", "按 Ctrl-C 停止全部服务。")
        story.until_end()
    except Interrupted:
        note("stopping", "正在停止")
        started.stop()
    except BaseException:
        started.stop()
        raise


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the stop is under way and ends in bounded time
    raise Interrupted


def _fetch_kafka(plan: StackPlan) -> None:
    ours = plan.kafka_external is None and plan.engine == "processes"
    if not ours or "WANGGE_KAFKA_HOME" in os.environ:
        return
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Kafka", total=None)
        jars.ensure(lambda done, total: progress.update(task, completed=done, total=total))


class Story:
    """What is known of a stack, and telling what is new."""

    def __init__(self, started: Launch) -> None:
        self.started = started
        self.last: state.StackState | None = None

    def until_ready(self) -> state.StackState:
        """Tell until the stack is ready; its state then."""
        with err.status("starting 正在启动"):
            for now in self._tell():
                if now.phase == "ready":
                    return now
        raise self._why_ended()

    def until_end(self) -> None:
        """Tell until the stack has ended, which is no error when somebody asked for it."""
        for _ in self._tell():
            continue
        if self.started.exit_status != 0:
            raise self._why_ended()
        note("stopped", "已停止")

    def _tell(self) -> Iterator[state.StackState]:
        for now in self.started.states():
            for line in news(self.last, now):
                err.print(line, markup=False)
            self.last = now
            yield now

    def _why_ended(self) -> StackError:
        status, log = self.started.exit_status, self.started.home.log("supervisor")
        if status == ALREADY_RUNNING:
            home = self.started.home.root
            return StackError(
                f"another up is at work in {home}; see: wangge status",
                f"{home} 中已有另一个 up 在运行；请查看 wangge status",
            )
        if self.last is not None and self.last.error is not None:
            return StackError(self.last.error.en, self.last.error.zh)
        return StackError(
            f"the supervisor ended with status {status}, and everything with it; see {log}",
            f"管理进程已退出（状态码 {status}），全部服务随之停止；日志：{log}",
        )
