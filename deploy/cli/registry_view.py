"""What an import does, or would do, and an entry's history, as tables."""

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from deploy import registry
from deploy.cli import registry_check
from deploy.cli.console import note, out
from deploy.feeds.differences import Difference
from deploy.history import Version
from shared.contracts.base import instant_text
from shared.contracts.registry_v1 import Entry

WHAT = {
    "new": "新增 new",
    "changed": "变更 changed",
    "revived": "恢复 again in force",
    "ended": "撤销 ended",
}
"""What becomes of an entry."""
EFFECTS_SHOWN = 40


def imported(done: registry.Imported, entries: Sequence[Entry], *, dry_run: bool) -> None:
    """How many entries there were, and what became of them."""
    table = Table("条目 Entries", "数量 Number")
    for name, count in sorted(Counter(one.kind for one in entries).items()):
        table.add_row(name, str(count))
    changed = "将变更 would change" if dry_run else "已变更 changed"
    table.add_row(changed, str(done.count), style="bold")
    table.add_row("未变 unchanged", str(done.unchanged))
    out.print(table)
    if done.effects:
        _effects(done.effects)
    if done.found:
        registry_check.show(done.found, done.findings)
    if done.change is not None:
        note(f"published as change {done.change}", "已发布")


def _effects(effects: Sequence[registry.Effect]) -> None:
    """What would be different, entry by entry and field by field."""
    table = _differing("now 现在", "then 将来")
    for effect in effects[:EFFECTS_SHOWN]:
        what = f"{WHAT.get(effect.what, effect.what)} -> {effect.n}"
        table.add_row(escape(effect.key), what, style="bold")
        _add_fields(table, effect.differences)
    out.print(table)
    if len(effects) > EFFECTS_SHOWN:
        note(f"and {len(effects) - EFFECTS_SHOWN} more: see --json", "其余见 --json")


def history(versions: Sequence[Version]) -> None:
    """Every version, and what it changed."""
    table = _differing("before 原值", "after 新值")
    for one in versions:
        entry = one.entry
        until = f" - {instant_text(entry.valid_until)}" if entry.valid_until else ""
        successor = f" -> {entry.successor}" if entry.successor else ""
        since = f"{instant_text(entry.valid_from)}{until}{successor}"
        table.add_row(f"{entry.n}  {since}", escape(one.note or ""), style="bold")
        _add_fields(table, one.differences)
    out.print(table)


def _differing(before: str, after: str) -> Table:
    table = Table("", before, after, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    return table


def _add_fields(table: Table, found: Sequence[Difference]) -> None:
    for one in found:
        table.add_row(*(escape(text) for text in (f"  {one.field}", one.before, one.after)))
