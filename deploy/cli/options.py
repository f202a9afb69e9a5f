"""Options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs. 输出供程序读取的 JSON。")
]
Where = Annotated[str | None, typer.Option("--intake", help="URL of intake. 受理服务地址。")]
Analytics = Annotated[
    str | None, typer.Option("--analytics", help="URL of analytics. 分析服务地址。")
]
CaseName = Annotated[
    str, typer.Argument(help="Case, receipt number or incident id. 案卷号或受理号。")
]
Kafka = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Kafka instead of this stack's. 指定 Kafka 地址。"),
]
Mongo = Annotated[
    str | None,
    typer.Option(metavar="URI", help="MongoDB instead of this stack's. 指定 MongoDB 地址。"),
]
AcceptFindings = Annotated[
    bool,
    typer.Option(
        "--accept-findings",
        help="Also where findings speak against it: overlaps and gaps (see `registry check`), a "
        "plan that would inspect nothing. 有重叠、空白，或检查计划将落空，也照办。",
    ),
]
