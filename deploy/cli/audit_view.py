"""An audit's report as a person reads it, in both languages."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.audit.problems import TITLES
from deploy.audit.report import Report

SHOWN = 50
SHOWN_FIRST = frozenset(
    {"accepted", "filed", "rejected", "linked", "answered", "transferred", "in_review"}
)
IN_FLIGHT_ZH = "在途"


def show(report: Report, console: Console) -> None:
    """Print the figures, what is in flight, the dead letters and the problems."""
    console.print(_figures(report))
    for name, count in report.waiting.items():
        console.print(f"not handled in time 未及处理: {name} {count}", style="yellow")
    for name, count in report.in_flight.items():
        console.print(f"in flight {IN_FLIGHT_ZH}: {name} {count}", style="cyan")
    for letter in report.dead_letters[:SHOWN]:
        where = f"{letter.topic}/{letter.partition}/{letter.offset}"
        text = f"dead letter 死信: {letter.service} {where} {letter.code}: {letter.error[:120]}"
        console.print(text, style="yellow", markup=False)
    if report.clean:
        console.print(
            "clean: everything is accounted for  审计通过，全部有据可查", style="bold green"
        )
        return
    console.print(_problems(report))
    total = sum(report.problem_counts.values())
    console.print(f"{total} problems  共 {total} 个问题", style="bold red")
    if total > SHOWN:
        console.print("the first ones are shown; all of them: wangge audit --json  仅显示前若干项")


def _figures(report: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    rows = (
        ("accepted 已受理", report.accepted),
        ("filed 立案", report.filed),
        ("rejected 不予立案", report.rejected),
        ("linked 重复上报", report.linked),
        ("answered 直接答复", report.answered),
        ("transferred 转办", report.transferred),
        ("in review 待审核", report.in_review),
    )
    for title, count in rows:
        table.add_row(title, str(count))
    for name, count in report.counts.items():
        if name not in SHOWN_FIRST:
            table.add_row(Text(name, style="dim"), Text(str(count), style="dim"))
    return table


def _problems(report: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("problem 问题")
    table.add_column("id 编号", overflow="fold")
    table.add_column("detail 详情", overflow="fold")
    for problem in report.problems[:SHOWN]:
        title = TITLES[problem.kind]
        table.add_row(f"{title.zh}\n{title.en}", Text(problem.id), Text(problem.detail))
    return table
