"""Options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs. 输出供程序读取的 JSON。")
]
