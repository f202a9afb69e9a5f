"""Tables (CSV, UTF-8): which columns there are, and their rows."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence

from deploy.feeds.errors import FeedError

Row = Mapping[str, str]
TOO_MANY = "there are more cells than columns: put a text with commas in quotes"
_BEYOND = ""


def rows(
    text: str, columns: Sequence[str], of: str, optional: Collection[str] = ()
) -> Iterator[tuple[int, Row]]:
    """The rows of a table ``of`` something, with the lines on which they end, from 1.

    Cells are without the spaces around them. Raises FeedError where columns are missing or not
    known; those that are ``optional`` may be there.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restval="", restkey=_BEYOND)
    found = set(reader.fieldnames or ())
    lacking, unknown = sorted(set(columns) - found), sorted(found - {*columns, *optional})
    if lacking or unknown:
        raise FeedError(
            f"the columns are not those of {of} ({', '.join(columns)}): missing {lacking}, "
            f"not known {unknown}",
            f"列名不符：缺少 {lacking}，多出 {unknown}；应为 {','.join(columns)}",
        )
    for row in reader:
        yield reader.line_num, {name: "".join(cell).strip() for name, cell in row.items()}


def is_overfull(row: Row) -> bool:
    """Whether it has more cells than there are columns: all may stand in the wrong one."""
    return _BEYOND in row
