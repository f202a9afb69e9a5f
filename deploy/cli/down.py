"""``wangge down``: stop everything."""

import json as jsonlib

from deploy.cli.console import err, note, out
from deploy.cli.options import Json
from deploy.local import launch, paths


def command(*, json: Json = False) -> None:
    """Stop the services, then Kafka, then MongoDB; the data stays.

    依次停止服务、Kafka、MongoDB，数据保留。
    """
    home = paths.home()
    with err.status("stopping 正在停止"):
        stopped = launch.stop_running(home)
    if json:
        out.print(jsonlib.dumps({"stopped": stopped}), markup=False)
    elif stopped:
        note("stopped; the data stays.", "已停止，数据保留。")
    else:
        note(f"nothing runs in {home.root}.", "没有在运行的进程。")
