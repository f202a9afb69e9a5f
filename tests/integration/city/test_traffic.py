"""Live traffic on the demo city, through the command and the whole stack."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.happening import not_seen
from tests.stackdriver import Stack

LONGEST_S = 240
"""All that may happen does so much sooner, unless the draws are unlucky."""


HAPPENS = frozenset({
    "incident.rejected", "incident.linked", "case.return_granted", "case.return_refused",
    "case.rework_ordered", "incident.look_ordered", "incident.looked", "incident.held",
    "case.suspended", "case.resumed", "case.extended", "case.handed_up", "case.urged",
    "case.handled_on_site", "case.first_taken", "case.made_safe", "task.assigned", "task.accepted",
    "task.done", "case.stepped", "case.flow_ended", "case.closed", "clock.approaching",
    "clock.breached", "supervision.ordered", "notice.raised", "case.handed_down", "task.declined",
    "task.withdrawn", "case.suspension_refused", "case.extension_refused", "case.supervised",
    "case.released", "case.reopened", "case.voided", "incident.separated",
    "case.copied", "case.lead_done", "case.passed_on", "appeal.made", "case.spot_check_ordered",
    "order.issued", "order.read", "order.done", "order.withdrawn",
    "case.dispatched component_maintainer", "case.filed ownerless_component",
})  # fmt: skip
"""Events, and events with a word that they carry."""


def test_everything_that_happens_in_a_city_happens(city_stack: Stack) -> None:
    kafka = city_stack.status()["kafka"]["address"]
    with traffic(city_stack, "--rate", "6", "--seed", "4") as process:
        left = not_seen(kafka, HAPPENS, LONGEST_S)
        found = ended(process)
    assert left == set(), "did not happen in time"
    assert found["failures"] == {}
    assert found["undecided"] == 0
    assert found["reported"] > found["seconds"], "it is asked for six a second"
    assert found["first_closed_s"] < 30
    for one in HAPPENS:
        name, _, word = one.partition(" ")
        kind = f"cn.wangge.{name}.v1"
        counted = found["words"].get(f"{kind} {word}", 0) if word else found["events"].get(kind, 0)
        assert counted > 0, one
    refused = {word: n for word, n in found["words"].items() if "action.refused" in word}
    assert not refused
    assert found["states"]["closed"] > found["reported"] / 2
    audit = json.loads(city_stack.run("audit", "--json", timeout=60).stdout)
    assert audit["clean"], audit["problems"][:3]


def test_ctrl_c_ends_it_with_a_summary(city_stack: Stack) -> None:
    reported = _reported(city_stack)
    with traffic(city_stack, "--rate", "5") as process:
        city_stack.wait_for(lambda: _reported(city_stack) > reported + 3, 30, "reports come in")
        found = ended(process)
    assert found["reported"] > 3
    assert found["undecided"] == 0


@contextmanager
def traffic(stack: Stack, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """Traffic until it is stopped."""
    with subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "traffic", *arguments, "--json"],
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What it sums up when it is stopped by Ctrl-C."""
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=90)
    found: dict[str, Any] = json.loads(out)
    assert process.returncode == 0, f"{found['undecided']} {found['states']} {found['failures']}"
    return found


def _reported(stack: Stack) -> int:
    count: int = stack.http.get(stack.url("analytics", "/v1/overview")).json()["reported"]
    return count


def test_a_key_makes_its_holder_who_it_says(city_stack: Stack) -> None:
    def put(token: str) -> httpx.Response:
        policy = city_stack.http.get(city_stack.url("intake", "/v1/registry/policy/9901"))
        return city_stack.http.put(
            city_stack.url("intake", "/v1/registry/policy/9901"),
            json=policy.json()["entry"],
            headers={"Authorization": f"Bearer {token}", "If-Match": policy.headers["ETag"]},
        )

    reporter = city_stack.run("key", "--role", "reporter").stdout.strip()
    administrator = city_stack.run("key", "--role", "registry_administrator").stdout.strip()
    assert put(reporter).status_code == 403
    assert put(administrator).status_code == 200
