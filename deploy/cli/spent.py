"""``wangge time``: whose the time of a case was, span by span."""

import asyncio
import json as jsons
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from deploy.addresses import address
from deploy.cli.acting import acting
from deploy.cli.console import out
from deploy.cli.instants import shown
from deploy.cli.options import Analytics, CaseName, Json
from deploy.local.errors import StackError
from shared.contracts.base import Names
from shared.platform.security import Role

STAGES: Mapping[str, Names] = {
    "filing": Names(zh="立案", en="filing"),
    "dispatch": Names(zh="派遣", en="dispatch"),
    "accept": Names(zh="接收", en="acceptance"),
    "handle": Names(zh="处置", en="handling"),
    "verify": Names(zh="核查", en="verification"),
    "closed": Names(zh="已结案", en="closed"),
}

WORDS: Mapping[str, Names] = {
    "centre": Names(zh="中心", en="centre's"),
    "others": Names(zh="待复查", en="others'"),
    "returned": Names(zh="退回", en="returned"),
    "suspended": Names(zh="挂账", en="suspended"),
    "closed": Names(zh="已结案", en="closed"),
    "joining": Names(zh="配合", en="joining"),
}
"""The notes of a span in short; in full they stand below the table."""


def command(
    case: CaseName,
    *,
    analytics: Analytics = None,
    json: Json = False,
) -> None:
    """Say to which stage and which unit every second of a case belongs, or why to none.

    说明案卷每一秒归哪个环节、哪个单位，或者为何不计入任何单位。
    """
    told = asyncio.run(_ask(address("analytics", analytics), case))
    time = told["time"]
    if time is None:
        raise StackError(
            f"{case}: no time is told: it is no case, or `wangge rebuild --swap` has to fold it",
            f"{case}：没有时间账目：不是案卷，或需先运行 wangge rebuild --swap",
        )
    if json:
        out.print(jsons.dumps(time, indent=2, ensure_ascii=False), markup=False)
        return
    out.print(f"{told['case_no']}  {told['state']}", markup=False)
    out.print(spans(time))
    for line in notes(time):
        out.print(line, markup=False)
    out.print(sums(time))
    if time["working"]:
        out.print(working(time))
    runs, adds = time["running"], time["adds_up"]
    out.print(f"{'so far 至今' if runs else 'in all 合计'}: {lasted(time['ms'])}", markup=False)
    if not adds:
        raise StackError(
            "it does not add up: an event is missing here, or `wangge audit` will name it",
            "账目不平：此处缺少事件，或请运行 wangge audit 查明",
        )


async def _ask(base: str, case: str) -> dict[str, Any]:
    # A leader sees every case; others none of the matters that are not public.
    async with acting(base, Role.LEADER) as client:
        told: dict[str, Any] = await client.get(f"/v1/cases/{case}")
        return told


def lasted(ms: int) -> str:
    """How long, in days, hours, minutes and seconds, the largest two that are not nothing."""
    whole = timedelta(milliseconds=ms)
    hours, rest = divmod(whole.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    amounts = [(whole.days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    while len(amounts) > 1 and not amounts[0][0]:
        amounts.pop(0)
    if len(amounts) == 1:
        return f"{seconds + whole.microseconds / 1_000_000:g} s"
    return " ".join(f"{amount} {unit}" for amount, unit in amounts[:2])


def spans(time: Mapping[str, Any]) -> Table:
    """The spans in their order."""
    table = Table(
        "stage\n环节", "from, until\n起止", "lasted\n时长", "whose\n归谁", "why\n说明",
        box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for column in (*table.columns[:3], table.columns[4]):
        column.no_wrap = True
    for number, one in enumerate(time["spans"], 1):
        going_on = time["running"] and number == len(time["spans"])
        until = "… 进行中" if going_on else shown(one["until"])
        table.add_row(
            _stage(one["stage"]),
            f"{shown(one['from'])}\n{until}",
            lasted(one["ms"]),
            escape(_whose(one["unit"], one["names"])),
            _word(one["note"]),
        )
    return table


def notes(time: Mapping[str, Any]) -> Iterator[str]:
    """Why time counts for no unit, once each: the suspensions, and who held what it gave back."""
    told: set[str] = set()
    for one in time["spans"]:
        note, stands, word = one["note"], one["suspension"], _word(one["note"]).replace("\n", " ")
        if note is None:
            continue
        line = f"{word}: {note['zh']} {note['en']}"
        if stands is not None:
            line += f" (#{stands['n']} → {_until(stands.get('until'))} {stands['reason']})"
        elif note["code"] == "returned":
            line += f" ({_whose(one['held_by'], one['names'])})".replace("\n", " ")
        if line not in told:
            told.add(line)
            yield line


def sums(time: Mapping[str, Any]) -> Table:
    """How much is each unit's."""
    table = Table("unit\n单位", "in all\n合计", box=box.SIMPLE_HEAD, pad_edge=False)
    for one in time["units"]:
        table.add_row(escape(_whose(one["unit"], one["names"])), lasted(one["ms"]))
    return table


def working(time: Mapping[str, Any]) -> Table:
    """What of it was working time, until the clocks were last stopped."""
    table = Table(
        "stage\n环节", "unit\n单位", "working time\n工作时间", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for one in time["working"]:
        whose = escape(_whose(one["unit"], one["names"]))
        table.add_row(_stage(one["stage"]), whose, lasted(one["ms"]))
    return table


def _stage(stage: str) -> str:
    names = STAGES.get(stage)
    return f"{names.zh}\n{names.en}" if names else stage


def _word(note: Mapping[str, str] | None) -> str:
    if note is None:
        return ""
    names = WORDS.get(note["code"])
    return f"{names.zh}\n{names.en}" if names else note["code"]


def _until(instant: str | None) -> str:
    """Until when a suspension was asked for, where that is known."""
    return "?" if instant is None else shown(instant)


def _whose(unit: str | None, names: Mapping[str, str] | None) -> str:
    if unit is None:
        return "-"
    return f"{names['zh']} {names['en']}\n({unit})" if names else unit
