"""``wangge contracts``: files made from the contracts' models, and what would break a reader."""

import json as jsonlib
from dataclasses import asdict

import typer

from deploy.cli.console import out
from deploy.cli.options import Json
from shared.contracts.generate import Report, describe, run

command = typer.Typer(no_args_is_help=True)


def _tell(report: Report, *, json: bool) -> None:
    if json:
        out.print(jsonlib.dumps({"clean": report.clean, **asdict(report)}), markup=False)
    else:
        out.print("\n".join(describe(report)), markup=False)
    if not report.clean:
        raise typer.Exit(1)


@command.command()
def generate(*, json: Json = False) -> None:
    """Write JSON Schemas and golden examples anew, unless that breaks a reader.

    重新生成 JSON Schema 与示例；会破坏旧读者时不写入，退出码为 1。
    """
    _tell(run(write=True), json=json)


@command.command()
def check(*, json: Json = False) -> None:
    """Say whether they are up to date and nothing breaks a reader; write nothing.

    检查契约文件是否最新、是否破坏旧读者。
    """
    _tell(run(write=False), json=json)
