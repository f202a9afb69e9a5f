"""``python -m services.dispatch.table``: the table of transitions as Markdown."""

import sys

from services.dispatch.domain.printed import as_markdown

if __name__ == "__main__":
    sys.stdout.write(as_markdown())
