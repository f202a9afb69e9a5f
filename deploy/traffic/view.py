"""The live table: counts by state, pace, breaches, the latest events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.traffic.board import Board, Line, quantile
from deploy.words import EVENTS, STATES, Language, name, pick, word
from shared.contracts import cases_v1, escalations_v1
from shared.contracts.base import Names

STYLES = {
    cases_v1.CaseClosed.TYPE: "green",
    cases_v1.IncidentRejected.TYPE: "dim",
    cases_v1.ReturnRequested.TYPE: "magenta",
    cases_v1.ReturnGranted.TYPE: "magenta",
    cases_v1.ReturnRefused.TYPE: "magenta",
    cases_v1.ReworkOrdered.TYPE: "yellow",
    cases_v1.ActionRefused.TYPE: "bold red",
    escalations_v1.ClockBreached.TYPE: "red",
    escalations_v1.SupervisionOrdered.TYPE: "bold red",
}
TITLES = ("时间 Time", "案卷号 Case", "事件 Event", "事项 Matter", "网格 Grid", "单位 Unit")
HAPPENINGS = (
    (cases_v1.ReturnGranted, ""),
    (cases_v1.ReturnRefused, ""),
    (cases_v1.ReworkOrdered, ""),
    (cases_v1.ActionRefused, ""),
    (escalations_v1.ClockBreached, "accept"),
    (escalations_v1.ClockBreached, "handle"),
    (escalations_v1.SupervisionOrdered, "ordinary"),
    (escalations_v1.SupervisionOrdered, "yellow_card"),
    (escalations_v1.SupervisionOrdered, "red_card"),
)
"""What is counted beside the states: an event, and the word it carries where that matters."""


@dataclass(frozen=True)
class View:
    """Draws a board; ``grids`` are the names of grids by code."""

    board: Board
    grids: Mapping[str, Names]
    language: Language
    title: Names

    def __rich__(self) -> RenderableType:
        """All of it."""
        top = Columns(
            [states(self.board), happenings(self.board), pace(self.board)], padding=(0, 4)
        )
        heading = Text(f"{self.title.zh} {self.title.en}  {self.board.seconds:.0f} s")
        hint = Text("Ctrl-C 停止并汇总 stops and sums up", style="dim")
        return Panel(Group(top, self._latest(), hint), title=heading, title_align="left")

    def _latest(self) -> Table:
        table = Table(expand=True, box=None, header_style="bold")
        for title in (
            "时间 Time",
            "案卷号 Case",
            "事件 Event",
            "事项 Matter",
            "网格 Grid",
            "单位 Unit",
        ):
            table.add_column(title, no_wrap=True, overflow="ellipsis")
        for line in self.board.latest:
            table.add_row(*self._cells(line), style=STYLES.get(line.type, ""))
        return table

    def _cells(self, line: Line) -> Iterable[str]:
        what = pick(EVENTS.get(line.type, (line.type, line.type)), self.language)
        if line.word:
            what += f" · {word(line.word, self.language)}"
        case = line.case
        yield line.at.astimezone().strftime("%H:%M:%S")
        yield case.case_no if case else "-"
        yield what
        yield name(case.matter.names, self.language) if case else "-"
        yield name(self.grids.get(case.grid), self.language) if case else "-"
        yield name(case.unit.names, self.language) if case and case.unit else "-"


def states(board: Board) -> Table:
    """How many incidents are in each state."""
    table = _figures("状态 State", "件 Incidents")
    for state, both in STATES.items():
        if state != "sent":
            table.add_row(" ".join(both), str(board.states[state]))
    return table


def happenings(board: Board) -> Table:
    """How often what is not a state has happened."""
    table = _figures("发生 Happened", "次 Times")
    for model, code in HAPPENINGS:
        count = board.words[model.TYPE, code] if code else board.events[model.TYPE]
        kind = f"：{word(code, 'zh')} {word(code, 'en')}" if code else ""
        table.add_row(f"{' '.join(EVENTS[model.TYPE])}{kind}", str(count))
    return table


def pace(board: Board) -> Table:
    """How fast it goes, and what went wrong on the way."""
    table = _figures("速度 Pace", "")
    table.add_row("事件/秒 events/s", f"{board.per_second():.0f}")
    for share in (0.5, 0.99):
        label = f"202 → 有结果 decided p{share * 100:.0f}"
        table.add_row(label, milliseconds(quantile(board.latencies, share)))
    table.add_row("首件结案 first closed", seconds(board.first_closed_s))
    table.add_row("重试 retries", str(board.retries))
    for code, count in sorted(board.failures.items()):
        table.add_row(Text(f"失败 failed {code}", style="red"), str(count))
    return table


def _figures(title: str, unit: str) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column(title, no_wrap=True)
    table.add_column(unit, justify="right", no_wrap=True)
    return table


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "-" if value is None else f"{value * 1000:.0f} ms"


def seconds(value: float | None) -> str:
    """Seconds with one digit behind the point."""
    return "-" if value is None else f"{value:.1f} s"
