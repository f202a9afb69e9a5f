"""What is wrong with a file, line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from deploy.feeds.errors import FeedError

SHOWN = 20
NO_SUCH_FIELD = "there is no field of this name"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one line of a file, and why; lines count from 1."""

    number: int
    reason: str
    zh: str = ""
    """What it means in Chinese, where that is known."""


def located(error: ValidationError, *skip: str) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Where in an entry each mistake is, and what it is; ``skip`` are no parts of the way."""
    found = error.errors(include_url=False, include_context=False)
    above = {one["loc"][:length] for one in found for length in range(len(one["loc"]))}
    for one in found:
        if one["type"] == "too_short" and one["loc"] in above:
            continue  # only because what is wrong in it was not counted
        # The way begins with the discriminator's value, which stands nowhere in the file.
        said = NO_SUCH_FIELD if one["type"] == "extra_forbidden" else one["msg"]
        yield tuple(step for step in one["loc"][1:] if step not in skip), said


ORDINALS = {"line": "第 {} 行", "entry": "第 {} 条", "feature": "第 {} 个要素"}
"""What faults count, in Chinese."""
NOTHING_SENT = ("nothing was sent", "未提交任何内容")
REFUSED = (
    "refused by intake, which tells a hundred at most",
    "受理服务拒绝接收（最多列出一百处）",
)


def refuse(
    name: str,
    faults: Sequence[Fault],
    counted: str = "line",
    so: tuple[str, str] = NOTHING_SENT,
) -> None:
    """Raises FeedError with the first faults of a file, if it has any.

    ``counted`` is what their numbers count: lines, or what else the file consists of; ``so`` what
    became of the file for them, in both languages.
    """
    if not faults:
        return
    ordinal = ORDINALS.get(counted, "第 {} 处")
    ordered = sorted(faults, key=lambda one: one.number)
    lines = [f"  {counted} {one.number}: {one.reason}" for one in ordered[:SHOWN]]
    lines_zh = [f"  {ordinal.format(one.number)}：{one.zh}" for one in ordered[:SHOWN] if one.zh]
    if len(faults) > SHOWN:
        lines.append(f"  and {len(faults) - SHOWN} more")
    raise FeedError(
        f"{name}: {len(faults)} mistake{'s' if len(faults) > 1 else ''}, {so[0]}\n"
        + "\n".join(lines),
        "\n".join([f"{name}：共 {len(faults)} 处错误，{so[1]}", *lines_zh]),
    )
