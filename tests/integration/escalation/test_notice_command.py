"""``wangge notice`` against a running escalation: what went out, and whether a target takes it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from deploy.local.ports import free_ports
from tests.integration.escalation.office import Office
from tests.integration.escalation.sinks import receiving
from tests.unit.escalation.targets import target


async def wangge(office: Office, *arguments: str) -> tuple[int, str, str]:
    """The exit status of a command, what it printed, and what it complained of."""
    running = await asyncio.create_subprocess_exec(
        *command(office, *arguments), stdout=PIPE, stderr=PIPE, env=environment(office)
    )
    out, complaint = await running.communicate()
    return running.returncode or 0, out.decode(), complaint.decode()


def command(office: Office, *arguments: str) -> list[str]:
    where = [] if arguments[0] == "listen" else ["--escalation", f"http://{office.process.address}"]
    return [sys.executable, "-m", "deploy.cli", "notice", *arguments, *where]


def environment(office: Office) -> dict[str, str]:
    home = Path(office.process.settings["WANGGE_SECRET_FILE"]).parent
    return {**os.environ, "WANGGE_HOME": str(home)}


async def test_a_target_is_tried_and_what_went_out_is_listed(office: Office) -> None:
    async with receiving() as there:
        there.status = 500
        await office.register(target("tried", url=there.url, secret="hook"))
        status, _, complaint = await wangge(office, "test", "tried", "--wait", "60")
        assert status == 1
        assert "tried is pending after 1 attempts: 500" in complaint
        assert "尚未送达" in complaint
        there.status = 204
        status, out, _ = await wangge(office, "test", "tried", "--wait", "60", "--json")
        assert (status, json.loads(out)["state"]) == (0, "sent")
        assert len({headers["webhook-id"] for _, headers, _ in there.got}) == 2
    status, out, _ = await wangge(office, "list", "--target", "tried", "--json")
    listed: list[dict[str, Any]] = json.loads(out)["items"]
    assert (status, [one["state"] for one in listed]) == (0, ["sent", "sent"])
    assert (await wangge(office, "list", "--state", "pending", "--target", "tried"))[0] == 0
    _, out, _ = await wangge(office, "list", "--target", "tried")
    assert {"target", "tried", "sent"} <= set(out.replace("│", " ").split())
    status, _, complaint = await wangge(office, "test", "nobody")
    assert status == 1
    assert "not_found" in complaint


async def test_a_listener_takes_what_is_signed_with_its_secret(office: Office) -> None:
    (port,) = free_ports(1)
    secrets = Path(office.process.settings["WANGGE_ESCALATION_NOTICE_SECRETS"])
    (secrets / "other").write_text("another secret")
    here = f"http://127.0.0.1:{port}/"
    # Of an area without cases: what others test sends them nothing.
    await office.register(
        target("here", url=here, secret="hook", area="8800"),
        target("forger", url=here, secret="other", area="8800"),
    )
    listening = await asyncio.create_subprocess_exec(
        *command(office, "listen", "--port", str(port), "--secret", str(secrets / "hook")),
        stdout=PIPE, stderr=PIPE, env=environment(office),
    )  # fmt: skip
    assert listening.stdout is not None
    assert listening.stderr is not None
    try:
        assert str(port).encode() in await listening.stderr.readline()
        assert (await wangge(office, "test", "here", "--wait", "60"))[0] == 0
        assert (await listening.stdout.readline()).decode().startswith("【测试】here")
        status, _, complaint = await wangge(office, "test", "forger", "--wait", "60")
        assert status == 1
        assert "401" in complaint
    finally:
        listening.terminate()
        await listening.wait()
