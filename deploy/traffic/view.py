"""The live table: counts by state, pace, breaches, the latest events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from itertools import islice

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.traffic.board import Board, Line, quantile
from deploy.traffic.happenings import HAPPENINGS, Happening
from deploy.words import STATES, Language, name, pick, word
from shared.contracts import (
    cases_v1,
    escalations_v1,
    outcomes_v1,
    reminders_v1,
    requests_v1,
)
from shared.contracts.base import Names
from shared.contracts.titles import TITLES

STYLES = {
    cases_v1.CaseClosed.TYPE: "green",
    outcomes_v1.IncidentRejected.TYPE: "dim",
    requests_v1.ReturnRequested.TYPE: "magenta",
    requests_v1.ReturnGranted.TYPE: "magenta",
    requests_v1.ReturnRefused.TYPE: "magenta",
    cases_v1.ReworkOrdered.TYPE: "yellow",
    cases_v1.ActionRefused.TYPE: "bold red",
    escalations_v1.ClockBreached.TYPE: "red",
    escalations_v1.SupervisionOrdered.TYPE: "bold red",
    reminders_v1.SupervisionReminded.TYPE: "red",
    reminders_v1.SupervisionConveyed.TYPE: "red",
    reminders_v1.SupervisionAcknowledged.TYPE: "yellow",
}
COLUMNS = (
    ("时间 Time", (9, 9), 0),
    ("案卷号 Case", (28, 28), 0),
    ("事件 Event", (24, 40), 0),
    ("事项 Matter", None, 4),
    ("网格 Grid", None, 4),
    ("单位 Unit", None, 5),
)
"""Of each column of the latest events: title, width on a narrow and on a wide terminal, else its
share of what is left."""
WIDE = 130
"""Columns of a terminal that shows figures in both languages side by side."""
ROOMY = 120
FEWER = 4
"""On a terminal with fewer columns than that, the latest events have so many of theirs."""
FEWEST = 1
"""Of the latest events so many are shown on any terminal: all else fits into 24 lines."""
COLUMNS_OF_FIGURES = 4
"""States and pace below each other, then what happened in three columns."""
ROWS = -(-len(HAPPENINGS) // (COLUMNS_OF_FIGURES - 1))
OTHER_LINES = ROWS + 5
"""Lines of the terminal that the latest events leave to the rest."""


Say = Callable[[tuple[str, str]], str]
"""Says a pair of words: in both languages, or in one where there is little room."""


def both(pair: tuple[str, str]) -> str:
    """Chinese, then English."""
    return " ".join(pair)


def saying(width: int, language: Language) -> Say:
    """Both languages on a wide terminal, the chosen one on a narrow one."""
    return both if width >= WIDE else partial(pick, language=language)


@dataclass(frozen=True)
class View:
    """Draws a board; ``grids`` are the names of grids by code."""

    board: Board
    grids: Mapping[str, Names]
    language: Language
    title: Names

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """All of it, as far as the terminal has room."""
        say = saying(options.max_width, self.language)
        heading = Text(f"{self.title.zh} {self.title.en}  {self.board.seconds:.0f} s")
        hint = Text("Ctrl-C 停止并汇总 stops and sums up", style="dim")
        lines = max(FEWEST, console.height - OTHER_LINES)
        latest = self._latest(lines, options.max_width)
        parts = Group(figures(self.board, say), latest, hint)
        yield Panel(parts, title=heading, title_align="left")

    def _latest(self, lines: int, width: int) -> Table:
        table = Table(expand=True, box=None, header_style="bold")
        columns = COLUMNS if width >= ROOMY else COLUMNS[:FEWER]
        for title, widths, share in columns:
            fixed = widths[width >= WIDE] if widths else None
            table.add_column(
                title, no_wrap=True, overflow="ellipsis", width=fixed, ratio=share or None
            )
        for line in islice(self.board.latest, lines):
            table.add_row(*islice(self._cells(line), len(columns)), style=STYLES.get(line.type, ""))
        return table

    def _cells(self, line: Line) -> Iterable[str]:
        what = name(TITLES[line.type], self.language) if line.type in TITLES else line.type
        if line.word:
            what += f" · {word(line.word, self.language)}"
        case = line.case
        yield f"{line.at.astimezone(UTC):%H:%M:%S}Z"
        yield case.case_no if case else "-"
        yield what
        yield name(case.matter.names, self.language) if case else "-"
        yield name(self.grids.get(case.grid), self.language) if case else "-"
        yield name(case.unit.names, self.language) if case and case.unit else "-"


def figures(board: Board, say: Say) -> Table:
    """States and pace, and beside them all that happens; where room is little, names are cut."""
    grid = Table.grid(padding=(0, 1), expand=True)
    for _ in range(COLUMNS_OF_FIGURES):
        grid.add_column(ratio=1)
    grid.add_row(
        _states_and_pace(board, say),
        *(_happened(HAPPENINGS[n : n + ROWS], board, say) for n in range(0, len(HAPPENINGS), ROWS)),
    )
    return grid


def _states_and_pace(board: Board, say: Say) -> Table:
    table = _figures("状态 State")
    for state, pair in STATES.items():
        if state != "sent":
            table.add_row(say(pair), str(board.states[state]))
    table.add_row(Text("速度 Pace", style="bold"), "")
    _pace(table, board, say)
    return table


def _happened(some: Iterable[Happening], board: Board, say: Say) -> Table:
    table = _figures("发生 Happened")
    for one in some:
        kind = one.model.TYPE
        count = board.words[kind, one.word] if one.word else board.events[kind]
        table.add_row(say(one.title), str(count))
    return table


def _pace(table: Table, board: Board, say: Say) -> None:
    table.add_row(say(("事件/秒", "events/s")), f"{board.per_second():.0f}")
    for share in (0.5, 0.99):
        label = say(("出结果", "decided"))
        value = milliseconds(quantile(board.latencies, share))
        table.add_row(f"p{share * 100:.0f} {label}", value)
    table.add_row(say(("首件结案", "first closed")), seconds(board.first_closed_s))
    table.add_row(say(("重试", "retries")), str(board.retries))
    for code, count in sorted(board.failures.items()):
        table.add_row(Text(f"{say(('失败', 'failed'))} {code}", style="red"), str(count))


def _figures(title: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column(title, no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("", justify="right", no_wrap=True, min_width=4)
    return table


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "-" if value is None else f"{value * 1000:.0f} ms"


def seconds(value: float | None) -> str:
    """Seconds with one digit behind the point."""
    return "-" if value is None else f"{value:.1f} s"
