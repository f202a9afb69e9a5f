"""Live traffic on the demo city, through the command and the whole stack."""

import json
import os
import signal
import subprocess
import sys

import httpx

from tests.stackdriver import Stack

LONG_ENOUGH_S = 45


def test_everything_that_happens_in_a_city_happens(city_stack: Stack) -> None:
    done = city_stack.run(
        "traffic", "--rate", "6", "--seconds", str(LONG_ENOUGH_S), "--seed", "4", "--json",
        timeout=LONG_ENOUGH_S + 30,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["failures"] == {}
    assert found["undecided"] == 0
    assert found["reported"] > LONG_ENOUGH_S
    assert found["first_closed_s"] < 30
    for name in (
        "incident.rejected", "incident.linked", "case.return_granted",
        "case.return_refused", "case.rework_ordered", "incident.look_ordered", "incident.looked",
        "incident.held", "case.suspended", "case.resumed", "case.extended", "case.handed_up",
        "case.urged", "case.handled_on_site", "case.first_taken", "case.made_safe",
        "task.assigned", "task.accepted", "task.done", "case.stepped", "case.flow_ended",
        "case.closed", "clock.approaching", "clock.breached", "supervision.ordered",
        "notice.raised",
    ):  # fmt: skip
        assert found["events"].get(f"cn.wangge.{name}.v1", 0) > 0, name
    for word in ("case.dispatched.v1 component_maintainer", "case.filed.v1 ownerless_component"):
        assert found["words"].get(f"cn.wangge.{word}", 0) > 0, word
    refused = {word: n for word, n in found["words"].items() if "action.refused" in word}
    assert not refused
    assert found["states"]["closed"] > found["reported"] / 2
    audit = json.loads(city_stack.run("audit", "--json", timeout=60).stdout)
    assert audit["clean"], audit["problems"][:3]


def test_ctrl_c_ends_it_with_a_summary(city_stack: Stack) -> None:
    reported = _reported(city_stack)
    with subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "traffic", "--rate", "5", "--json"],
        env=city_stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            city_stack.wait_for(lambda: _reported(city_stack) > reported + 3, 30, "reports come in")
            os.kill(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, f"{out[-2000:]}\n{err}"
    found = json.loads(out)
    assert found["reported"] > 3
    assert found["undecided"] == 0


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
