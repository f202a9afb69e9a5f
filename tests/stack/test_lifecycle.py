"""The stack as a whole: it starts, says where it is, heals, and ends without a trace."""

import json
import os
import signal
import stat
import subprocess
import sys

import psutil
import pytest

from deploy.local import credentials, ports
from deploy.local.launch import Launch
from deploy.local.leash import ALREADY_RUNNING
from deploy.local.plan import StackPlan
from shared.contracts.topics import TOPICS
from shared.platform.admin import ensure_topics
from shared.platform.security import Role, Scope, read_secret, verify
from tests.stack.harness import Stack, all_gone, stub_plan, wait_for

NAMES = ["supervisor", "kafka", "mongo", "stub0", "stub1"]


def test_status_names_every_process_and_they_listen_where_it_says(full_stack: Stack) -> None:
    told = full_stack.status()
    assert [one["name"] for one in told["processes"]] == NAMES
    for one in told["processes"][1:]:
        host, _, port = one["address"].partition(":")
        assert host == "127.0.0.1"
        assert ports.listens(one["pid"], int(port)), one
        assert one["state"] == "running"
    assert told["processes"][0]["pid"] == full_stack.now().supervisor
    assert full_stack.wangge("status").returncode == 0


async def test_the_declared_topics_are_there_before_any_service(full_stack: Stack) -> None:
    assert await ensure_topics(full_stack.now().kafka) == []
    assert len(TOPICS) > 0


@pytest.mark.parametrize("name", ["stub0", "mongo", "kafka"])
def test_a_child_that_is_killed_is_started_again_where_it_was(full_stack: Stack, name: str) -> None:
    before = full_stack.process(name)
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    wait_for(
        lambda: (
            full_stack.process(name).restarts == before.restarts + 1
            and full_stack.process(name).state == "running"
        ),
        f"{name} runs again",
    )
    after = full_stack.process(name)
    assert after.pid != before.pid
    assert (after.address, after.last_exit) == (before.address, -signal.SIGKILL)


def test_a_second_up_says_that_it_runs_already_and_changes_nothing(full_stack: Stack) -> None:
    before = full_stack.now()
    again = full_stack.wangge("up", "--detach")
    assert again.returncode == 0
    assert "already running" in again.stderr
    assert full_stack.now() == before


def test_fresh_beside_a_running_stack_is_refused(full_stack: Stack) -> None:
    refused = full_stack.wangge("up", "--detach", "--fresh")
    assert refused.returncode == 1
    assert "wangge down" in refused.stderr
    assert full_stack.wangge("status").returncode == 0


def test_two_supervisors_that_race_for_a_home_leave_one(
    stack: Stack, light_plan: StackPlan
) -> None:
    assert stack.start(light_plan).phase == "ready"
    rival = Launch(light_plan, stack.home)
    stack.launches.append(rival)
    assert list(rival.states()) == []
    assert rival.exit_status == ALREADY_RUNNING
    assert stack.wangge("status").returncode == 0


def test_down_leaves_no_process_and_the_data(stack: Stack) -> None:
    plan = stub_plan()
    assert stack.start(plan).phase == "ready"
    children = stack.children()
    assert len(children) == len(NAMES) - 1
    identity = (stack.home.data / "kafka/log/meta.properties").read_text()
    told = stack.wangge("down", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, {"stopped": True})
    assert all_gone(children)
    assert all(ports.is_free(port) for port in plan.ports.values())
    assert stack.wangge("status").returncode == 3
    told = stack.wangge("down", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, {"stopped": False})

    assert stack.start(plan).phase == "ready"
    assert (stack.home.data / "kafka/log/meta.properties").read_text() == identity
    children = stack.children()
    os.kill(stack.now().supervisor, signal.SIGKILL)
    wait_for(lambda: all_gone(children), "the children of a killed supervisor are gone")
    assert stack.wangge("status").returncode == 3


def test_fresh_wipes_the_data_and_keeps_the_keys(stack: Stack, light_plan: StackPlan) -> None:
    assert stack.start(light_plan).phase == "ready"
    stack.stop()
    stack.home.data.mkdir()
    (stack.home.data / "old").touch()
    keys = stack.home.keys.read_text()
    assert stack.start(light_plan.model_copy(update={"fresh": True})).phase == "ready"
    assert not stack.home.data.exists()
    assert stack.home.keys.read_text() == keys


def test_the_keys_are_private_and_there_is_one_for_each_role(
    stack: Stack, light_plan: StackPlan
) -> None:
    assert stack.start(light_plan).phase == "ready"
    for path in (stack.home.secret, stack.home.keys):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = read_secret(stack.home.secret)
    holders = {name: verify(secret, token) for name, token in credentials.load(stack.home).items()}
    assert {role.value for role in Role} <= holders.keys()
    assert all(Role(name) in holders[name].roles for name in holders if name != "importer")
    assert holders["importer"].scopes == {Scope.IMPORT}


def test_servers_of_others_are_used_and_neither_started_nor_stopped(
    stack: Stack, light_plan: StackPlan
) -> None:
    found = stack.start(light_plan)
    states = {one.name: one.state for one in found.processes}
    assert (states["kafka"], states["mongo"]) == ("external", "external")
    assert len(stack.children()) == len(light_plan.services)
    assert stack.wangge("status").returncode == 0
    stack.stop()
    assert light_plan.kafka_external is not None
    port = int(light_plan.kafka_external.rpartition(":")[2])
    assert not ports.is_free(port)


def test_an_up_that_is_killed_takes_everything_with_it(stack: Stack, light_plan: StackPlan) -> None:
    with held(stack, light_plan) as up:
        everything = [*stack.children(), psutil.Process(stack.now().supervisor)]
        up.kill()
        wait_for(lambda: all_gone(everything), "all is gone")
    assert stack.wangge("status").returncode == 3


def test_a_detached_supervisor_outlives_up_and_does_its_work(
    stack: Stack, light_plan: StackPlan
) -> None:
    with held(stack, light_plan, "release") as up:
        up.kill()
        up.wait()
    killed = stack.process("stub0")
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    wait_for(lambda: stack.process("stub0").restarts == 1, "the stub is started again")
    assert stack.status()["phase"] == "ready"


def held(stack: Stack, plan: StackPlan, *more: str) -> subprocess.Popen[str]:
    up = subprocess.Popen(
        [sys.executable, "-m", "tests.stack.holder"]  # noqa: RUF005  two lines read better
        + [str(stack.home.root), plan.model_dump_json(), *more],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert up.stdout is not None
    assert up.stdout.readline() == "held\n"
    return up
