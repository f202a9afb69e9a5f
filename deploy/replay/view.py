"""The account of a replay as people read it."""

from rich.table import Table

from deploy.replay.report import Account
from deploy.words import STATES, word


def table(account: Account) -> Table:
    """One line for each thing that became of rows, in both languages."""
    result = Table("", "行 Rows", title="重放结果 What became of the rows", title_justify="left")
    result.columns[1].justify = "right"
    result.add_row("文件中 in the file", str(account.rows))
    if account.unreadable:
        result.add_row("无法读取 unreadable", str(account.unreadable), style="red")
    result.add_row("已受理 accepted", str(account.accepted))
    for code, count in account.refused.items():
        result.add_row(f"  拒收 refused: {code}", str(count), style="red")
    result.add_row("已立案 filed", str(account.filed), style="green")
    result.add_row("不予立案 rejected", str(sum(account.rejected.values())))
    for rule, count in account.rejected.items():
        result.add_row(f"  {word(rule, 'zh')} {word(rule, 'en')}", str(count))
    result.add_row("重复上报 linked", str(account.linked))
    for state, count in account.by_desk.items():
        zh, en = STATES[state]
        result.add_row(f"{zh} {en}", str(count))
    for rule, count in account.in_review.items():
        result.add_row(f"待受理 in review: {word(rule, 'zh')} {word(rule, 'en')}", str(count))
    style = "bold red" if account.unaccounted else ""
    result.add_row("去向不明 unaccounted for", str(account.unaccounted), style=style)
    result.add_section()
    equal = f"{account.grid_equal} / {account.grid_named}"
    result.add_row("网格与行内所载一致 grid is the row's own", equal)
    agreed = f"{account.unit_equal} / {account.unit_named}"
    result.add_row("单位与行内所载一致 unit is the row's own", agreed)
    return result
