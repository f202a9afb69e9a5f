"""Instants as the commands show them and as they are typed: never without their zone."""

from datetime import UTC, datetime

from deploy.local.errors import StackError

EXAMPLE = "2027-06-01T18:00+08:00"


def shown(instant: str | None) -> str:
    """An instant of an answer for a table: ``2026-12-01 22:07:05Z``; a dash for none."""
    if instant is None:
        return "-"
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def typed(text: str, *others: str) -> datetime:
    """An instant as it was typed, in UTC; ``others`` is what may be written instead of one.

    Raises ValueError or OverflowError where it is none, StackError where it has no zone.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise StackError(
            f"{text} has no zone: write {' or '.join((EXAMPLE, *others))}",
            f"{text} 没有时区：请写 {' 或 '.join((EXAMPLE, *others))}",
        )
    return found.astimezone(UTC)
