"""The live table: counts by state, pace, breaches, the latest events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.traffic.board import Board, Line, quantile
from deploy.words import STATES, WORDS, Language, name, pick, word
from shared.contracts import (
    cases_v1,
    escalations_v1,
    outcomes_v1,
    reminders_v1,
    requests_v1,
    steps_v1,
    tasks_v1,
)
from shared.contracts.base import EventData, Names
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
    ("案卷号 Case", (27, 27), 0),
    ("事件 Event", (24, 40), 0),
    ("事项 Matter", None, 4),
    ("网格 Grid", None, 4),
    ("单位 Unit", None, 5),
)
"""Of each column of the latest events: title, width on a narrow and on a wide terminal, else its
share of what is left."""
WIDE = 130
"""Columns of a terminal that shows figures in both languages side by side."""
FEWEST = 3
SHARES = (22, 29, 25)
"""Of the width of a narrow terminal: states, what happened, pace."""
WIDE_SHARES = (18, 27, 27, 22)
"""Of a wide one: the same, what happened in two columns."""
Happening = tuple[type[EventData], str]
HAPPENINGS: tuple[Happening, ...] = (
    (cases_v1.CaseDispatched, "component_maintainer"),
    (cases_v1.CaseFiled, "ownerless_component"),
    (cases_v1.HandledOnSite, ""),
    (outcomes_v1.LookOrdered, ""),
    (requests_v1.ReturnGranted, ""),
    (requests_v1.ReturnRefused, ""),
    (cases_v1.CaseHandedUp, ""),
    (cases_v1.CaseHandedDown, ""),
    (tasks_v1.TaskAssigned, ""),
    (tasks_v1.TaskDeclined, ""),
    (steps_v1.CaseStepped, ""),
    (requests_v1.CaseSuspended, ""),
    (requests_v1.CaseExtended, ""),
    (cases_v1.ReworkOrdered, ""),
    (cases_v1.CaseReopened, ""),
    (cases_v1.CaseVoided, ""),
    (cases_v1.CaseUrged, ""),
    (requests_v1.AppealMade, ""),
    (cases_v1.ActionRefused, ""),
    (escalations_v1.ClockBreached, "accept"),
    (escalations_v1.ClockBreached, "handle"),
    (escalations_v1.SupervisionOrdered, "ordinary"),
    (escalations_v1.SupervisionOrdered, "yellow_card"),
    (escalations_v1.SupervisionOrdered, "red_card"),
    (reminders_v1.SupervisionReminded, ""),
    (reminders_v1.SupervisionAcknowledged, ""),
    (reminders_v1.NoticeRaised, ""),
)
"""What is counted beside the states: an event, and the word it carries where that matters."""
ROWS = (len(HAPPENINGS) + 1) // 2
"""Lines of each of the two columns of a wide terminal; a narrow one has one of them."""
OTHER_LINES = ROWS + 2
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
        wide = options.max_width >= WIDE
        parts = Group(figures(self.board, say), self._latest(lines, wide=wide), hint)
        yield Panel(parts, title=heading, title_align="left")

    def _latest(self, lines: int, *, wide: bool) -> Table:
        table = Table(expand=True, box=None, header_style="bold")
        for title, widths, share in COLUMNS:
            width = widths[wide] if widths else None
            table.add_column(
                title, no_wrap=True, overflow="ellipsis", width=width, ratio=share or None
            )
        for line in islice(self.board.latest, lines):
            table.add_row(*self._cells(line), style=STYLES.get(line.type, ""))
        return table

    def _cells(self, line: Line) -> Iterable[str]:
        what = name(TITLES[line.type], self.language) if line.type in TITLES else line.type
        if line.word:
            what += f" · {word(line.word, self.language)}"
        case = line.case
        yield line.at.astimezone().strftime("%H:%M:%S")
        yield case.case_no if case else "-"
        yield what
        yield name(case.matter.names, self.language) if case else "-"
        yield name(self.grids.get(case.grid), self.language) if case else "-"
        yield name(case.unit.names, self.language) if case and case.unit else "-"


def figures(board: Board, say: Say) -> Table:
    """States, happenings and pace side by side; where there is little room words are cut.

    On a narrow terminal those happenings are shown of which there were most.
    """
    happened = [(_named(one, say), _counted(one, board)) for one in HAPPENINGS]
    halves = [happened[:ROWS], happened[ROWS:]] if say is both else [_most(happened)]
    grid = Table.grid(padding=(0, 1), expand=True)
    for share in WIDE_SHARES if say is both else SHARES:
        grid.add_column(ratio=share)
    middle = (_happenings(half) for half in halves)
    grid.add_row(_states(board, say), *middle, _pace(board, say))
    return grid


def _states(board: Board, say: Say) -> Table:
    table = _figures("状态 State")
    for state, pair in STATES.items():
        if state != "sent":
            table.add_row(say(pair), str(board.states[state]))
    return table


def _happenings(rows: Iterable[tuple[str, int]]) -> Table:
    table = _figures("发生 Happened")
    for named, count in rows:
        table.add_row(named, str(count))
    return table


def _named(one: Happening, say: Say) -> str:
    """What tells a line from its neighbours comes first."""
    model, code = one
    title = TITLES[model.TYPE]
    kind = f"{say(WORDS[code])} · " if code else ""
    return f"{kind}{say((title.zh, title.en))}"


def _counted(one: Happening, board: Board) -> int:
    model, code = one
    return board.words[model.TYPE, code] if code else board.events[model.TYPE]


def _most(happened: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """As many as there is room for, in their order."""
    ranked = sorted(range(len(happened)), key=lambda number: -happened[number][1])
    return [happened[number] for number in sorted(ranked[:ROWS])]


def _pace(board: Board, say: Say) -> Table:
    table = _figures("速度 Pace")
    table.add_row(say(("事件/秒", "events/s")), f"{board.per_second():.0f}")
    for share in (0.5, 0.99):
        label = say(("202 到有结果", "202 to decided"))
        value = milliseconds(quantile(board.latencies, share))
        table.add_row(f"p{share * 100:.0f} {label}", value)
    table.add_row(say(("首件结案", "first closed")), seconds(board.first_closed_s))
    table.add_row(say(("重试", "retries")), str(board.retries))
    for code, count in sorted(board.failures.items()):
        table.add_row(Text(f"{say(('失败', 'failed'))} {code}", style="red"), str(count))
    return table


def _figures(title: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1), expand=True)
    table.add_column(title, no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("", justify="right", no_wrap=True, min_width=4)
    return table


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "-" if value is None else f"{value * 1000:.0f} ms"


def seconds(value: float | None) -> str:
    """Seconds with one digit behind the point."""
    return "-" if value is None else f"{value:.1f} s"
