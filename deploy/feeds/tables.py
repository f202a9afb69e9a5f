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
    known, or what begins with a quote has no end; those that are ``optional`` may be there.
    """
    plain = io.StringIO(text.removeprefix("\ufeff"))
    reader = csv.DictReader(plain, restval="", restkey=_BEYOND, strict=True)
    last = 0
    try:
        _check_columns(set(reader.fieldnames or ()), columns, of, optional)
        last = reader.line_num
        for row in reader:
            last = reader.line_num
            yield last, {name: "".join(cell).strip() for name, cell in row.items()}
    except csv.Error as error:
        raise FeedError(
            f"the row that begins at line {last + 1} cannot be read: {error}; a text in quotes "
            "ends with one, and has each quote in it twice",
            f"第 {last + 1} 行起无法读取：引号须成对，文本中的引号须写两个",
        ) from error


def _check_columns(
    found: Collection[str], columns: Sequence[str], of: str, optional: Collection[str]
) -> None:
    lacking = sorted({*columns} - {*found})
    unknown = sorted({*found} - {*columns, *optional})
    if lacking or unknown:
        raise FeedError(
            f"the columns are not those of {of} ({', '.join(columns)}): missing {lacking}, "
            f"not known {unknown}",
            f"列名不符：缺少 {lacking}，多出 {unknown}；应为 {','.join(columns)}",
        )


def is_overfull(row: Row) -> bool:
    """Whether it has more cells than there are columns: all may stand in the wrong one."""
    return _BEYOND in row
