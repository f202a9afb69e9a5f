"""``python -m services.escalation.table``: the table of clocks as Markdown."""

import sys

from services.escalation.domain.clock_table import as_markdown

if __name__ == "__main__":
    sys.stdout.write(as_markdown())
