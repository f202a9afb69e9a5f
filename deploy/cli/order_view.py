"""How orders are shown on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from deploy.cli.instants import shown

Row = Mapping[str, Any]
STATES = {
    "open": "open 待办",
    "overdue": "overdue 逾期",
    "done": "done 办结",
    "withdrawn": "withdrawn 已撤回",
    "unread": "unread 未阅",
    "read": "read 已阅",
}


def listed(rows: Sequence[Row]) -> Table:
    """A list: how many units of each order are how far; 80 columns are enough."""
    table = _table("order 指令号\ntitle 标题")
    table.columns[0].no_wrap = False
    table.add_column("deadline 期限\nstate 状态", no_wrap=True)
    for title in ("units\n单位", "read\n已阅", "done\n办结", "overdue\n逾期"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        counts = (str(row[name]) for name in ("addressed", "read", "done", "overdue"))
        state = f"{shown(row['deadline'])}\n{STATES.get(row['state'], row['state'])}"
        table.add_row(Text(f"{row['order_no']}\n{row['title']}"), state, *counts)
    return table


def one(order: Row) -> list[RenderableType]:
    """One order with its units."""
    head = f"{order['order_no']}  {STATES.get(order['state'], order['state'])}"
    table = _table("unit 单位", "name 名称", "state 状态", "read 已阅", "done 办结", "said 说明")
    for unit in order["units"]:
        late = " !" if unit["late"] or unit["overdue"] else ""
        table.add_row(
            unit["unit"],
            Text(f"{unit['names']['zh']} {unit['names']['en']}"),
            STATES[unit["state"]] + late,
            shown(unit["read_at"]),
            shown(unit["done_at"]),
            Text(unit["said"]),
        )
    said = [Text(head, style="bold"), Text(order["title"]), Text(order["text"])]
    said.append(Text(f"deadline 期限 {shown(order['deadline'])}"))
    if order["withdrawn_because"] is not None:
        said.append(Text(f"withdrawn 撤回: {order['withdrawn_because']}", style="yellow"))
    return [*(line for line in said if line.plain), table]


def tasks(rows: Sequence[Row]) -> Table:
    """What a unit has still to do."""
    table = _table("order 指令号", "title 标题", "deadline 期限", "to do 待办")
    for row in rows:
        deadline = shown(row["deadline"]) + (" !" if row["overdue"] else "")
        table.add_row(row["order_no"], Text(row["title"]), deadline, " ".join(row["actions"]))
    return table


def _table(*columns: str) -> Table:
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    return table
