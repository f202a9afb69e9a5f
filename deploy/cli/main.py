"""The commands of ``wangge``, and the one that is called.

A command is a module of this package with a ``command``: a function, or a `typer.Typer` with
commands of its own. Only the module of the command that is called is imported, so that help is
quick and a command needs only its own packages. A new one is a line in `COMMANDS`.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

import typer

from deploy.cli.console import complain
from deploy.local.errors import StackError


class Command(NamedTuple):
    """A command: its name, the module that holds it, and what it does."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("up", "deploy.cli.up", "Start the stack of this machine. 启动本机全套服务。"),
    Command("down", "deploy.cli.down", "Stop it and leave no process. 停止全部进程。"),
    Command("status", "deploy.cli.status", "What runs, and where. 查看运行状态。"),
    Command("key", "deploy.cli.key", "A bearer token for development. 开发用令牌。"),
    Command("registry", "deploy.cli.registry", "Bring a city in, or out. 导入或导出基础数据。"),
    Command("replay", "deploy.cli.replay", "Report a real export. 重放真实数据。"),
    Command("traffic", "deploy.cli.traffic", "People at work, live. 实时业务演示。"),
    Command("dispatch", "deploy.cli.dispatch", "Try routing rules. 试算派遣规则。"),
    Command("case", "deploy.cli.case", "What may be done, and doing it. 案卷操作与待办。"),
    Command("flow", "deploy.cli.flow", "Flows of handling, shown and checked. 办理流程。"),
    Command("plan", "deploy.cli.plan", "Inspections planned and done. 检查计划进度。"),
    Command("order", "deploy.cli.order", "Orders without a case. 下达指令与回执。"),
    Command("notice", "deploy.cli.notice", "Notices that went out. 通知的发送情况。"),
    Command("why", "deploy.cli.why", "Why a case went where it went. 派遣依据。"),
    Command("time", "deploy.cli.spent", "Whose time it was, to the second. 案卷时间账目。"),
    Command("due", "deploy.cli.due", "When a limit is used up. 计算时限届满时刻。"),
    Command("topics", "deploy.cli.topics", "List or create the topics. 列出或创建主题。"),
    Command("contracts", "deploy.cli.contracts", "Make or check their files. 生成或检查契约文件。"),
    Command("dead-letters", "deploy.cli.dead_letters", "What could not be handled. 死信。"),
    Command("rebuild", "deploy.cli.rebuild", "Are the figures the log's? 由日志重建并比对。"),
    Command("audit", "deploy.cli.audit", "Is everything accounted for? 审计数据是否完整一致。"),
)


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application, complete for the command that the arguments call, in outline for others."""
    app = typer.Typer(
        name="wangge",
        help="City grid governance on this machine. 网格化社会治理：本机运行。",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    called = next((argument for argument in arguments if not argument.startswith("-")), None)
    for command in COMMANDS:
        if command.name != called:
            app.command(command.name, help=command.help)(_outline)
            continue
        found = importlib.import_module(command.module).command
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=command.name, help=command.help)
        else:
            app.command(command.name)(found)  # its own docstring says more
    return app


def _outline() -> None:
    """Stands for a command that is only listed."""


def main() -> None:
    """Run the command that the command line calls; a known error is said in two languages."""
    try:
        build(sys.argv[1:])()
    except StackError as error:
        complain(error)
        sys.exit(1)
