"""What is wrong with a file, line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from deploy.feeds.errors import FeedError

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one line of a file, and why; lines count from 1."""

    number: int
    reason: str


def located(error: ValidationError, *skip: str) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Where in an entry each mistake is, and what it is; ``skip`` are no parts of the way."""
    for one in error.errors(include_url=False, include_context=False):
        # The way begins with the discriminator's value, which stands nowhere in the file.
        yield tuple(step for step in one["loc"][1:] if step not in skip), one["msg"]


def refuse(name: str, faults: Sequence[Fault], counted: str = "line") -> None:
    """Raises FeedError with the first faults of a file, if any; ``counted`` is what has numbers."""
    if not faults:
        return
    ordered = sorted(faults, key=lambda one: one.number)
    lines = [f"  {counted} {one.number}: {one.reason}" for one in ordered[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"  and {len(faults) - SHOWN} more")
    raise FeedError(
        f"{name}: {len(faults)} mistakes, nothing was sent\n" + "\n".join(lines),
        f"{name}：共 {len(faults)} 处错误，未提交任何内容",
    )
