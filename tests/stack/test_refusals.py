"""What cannot be started says why, in both languages, and leaves nothing running."""

import errno
import os
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from deploy.local import external, jars, java, kafka, ports
from deploy.local.errors import PortBusyError, StackError
from deploy.local.plan import CONTROLLER, ServicePlan, StackPlan
from tests.stack.harness import Stack, stub_plan


def listener() -> tuple[socket.socket, int]:
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    return holder, holder.getsockname()[1]


def test_a_busy_port_is_refused_with_the_name_of_its_holder(
    stack: Stack, light_plan: StackPlan
) -> None:
    holder, port = listener()
    services = (ServicePlan(name="stub0", module="tests.stack.stub", port=port),)
    with holder:
        found = stack.start(light_plan.model_copy(update={"services": services}))
    assert found.phase == "failed"
    assert found.error is not None
    assert f"port {port} for stub0 is busy: held by {psutil.Process().name()}" in found.error.en
    assert f"stub0 的端口 {port} 已被占用" in found.error.zh
    assert all(one.pid is None for one in found.processes if one.name == "stub0")


def test_the_command_says_so_too_and_fails(stack: Stack) -> None:
    holder, port = listener()
    with holder:
        refused = stack.wangge("up", "--detach", "--kafka-port", str(port))
    assert refused.returncode == 1
    assert f"port {port} for kafka is busy" in refused.stderr
    assert stack.wangge("status").returncode == 3


def test_two_servers_on_one_port_are_refused() -> None:
    (port,) = ports.free_ports(1)
    with pytest.raises(PortBusyError, match=f"port {port} is wanted by both kafka and mongo"):
        ports.require_free({"kafka": port, "mongo": port})


def test_a_port_that_cannot_be_used_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(PortBusyError, match=r"port 65536 for kafka cannot be used: .*0-65535"):
        ports.require_free({"kafka": 65536})

    def denied(_port: int) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(ports, "is_free", denied)
    with pytest.raises(PortBusyError, match=r"port 80 for intake cannot be used: .*denied") as it:
        ports.require_free({"intake": 80})
    assert "intake 的端口 80 无法使用" in it.value.zh


@pytest.mark.parametrize(
    ("port", "said"),
    [
        (8000, "port 8001 is wanted by both intake and kafka-controller"),
        (27116, "port 27117 is wanted by both kafka-controller and mongo"),
        (65535, "port 65536 for kafka-controller cannot be used"),
    ],
)
def test_the_port_of_kafkas_controller_is_looked_at_too(port: int, said: str) -> None:
    plan = StackPlan(kafka_port=port)
    with pytest.raises(PortBusyError, match=said):
        ports.require_free(plan.ports)
    beside = plan.model_copy(update={"engine": "containers"}), StackPlan(kafka_external="k:9092")
    assert not any(CONTROLLER in one.ports for one in beside)


def test_what_nobody_has_foreseen_is_told_and_ends_the_stack(
    stack: Stack, light_plan: StackPlan
) -> None:
    stack.home.notice_secrets.parent.mkdir(parents=True)
    stack.home.notice_secrets.touch()  # a file where a folder is to be
    found = stack.start(light_plan)
    assert found.phase == "failed"
    assert found.error is not None
    assert "could not go on: FileExistsError" in found.error.en
    assert str(stack.home.log("supervisor")) in found.error.zh
    assert "Traceback" in stack.home.log("supervisor").read_text()


@pytest.mark.parametrize(
    ("engine", "here"), [((), "data"), (("--with", "containers"), "docker volume ls")]
)
def test_fresh_beside_a_server_of_others_is_refused_before_anything_is_wiped(
    stack: Stack, engine: tuple[str, ...], here: str
) -> None:
    (stack.home.data / "kafka").mkdir(parents=True)
    theirs = {"WANGGE_MONGO": "mongodb://me:hush@elsewhere/"}
    refused = stack.wangge("up", "--detach", "--fresh", *engine, **theirs)
    assert refused.returncode == 1
    assert "WANGGE_MONGO names one" in refused.stderr
    assert "leave out --fresh" in refused.stderr
    assert "请取消该变量" in refused.stderr
    assert here in refused.stderr
    assert "hush" not in refused.stderr
    assert (stack.home.data / "kafka").exists()
    assert not stack.home.state.exists()


@pytest.mark.parametrize("uri", ["mongodb://me:hush@,/", "mongodb://me:hush@h:99999/"])
async def test_an_external_mongo_that_cannot_be_used_is_named_without_its_password(
    uri: str,
) -> None:
    with pytest.raises(StackError, match=r"MongoDB at mongodb://\*\*\*@.* cannot be used") as found:
        await external.check_mongo(uri)
    assert "WANGGE_MONGO" in found.value.zh
    assert "hush" not in str(found.value)


def test_a_service_that_cannot_start_fails_the_stack_with_what_it_said(
    stack: Stack, light_plan: StackPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "fail"
    marker.touch()
    monkeypatch.setenv("WANGGE_STUB_FAIL", str(marker))
    found = stack.start(light_plan)
    assert found.phase == "failed"
    assert found.error is not None
    assert "ended with status 1 before it was ready" in found.error.en
    assert "ERROR the stub was told to fail" in found.error.en
    assert stack.wangge("status").returncode == 3


def test_an_external_kafka_that_is_away_is_named(stack: Stack, mongo: str) -> None:
    (port,) = ports.free_ports(1)
    found = stack.start(stub_plan(kafka_external=f"127.0.0.1:{port}", mongo_external=mongo))
    assert found.error is not None
    assert f"Kafka at 127.0.0.1:{port} cannot be used" in found.error.en
    assert "WANGGE_KAFKA" in found.error.zh


def test_containers_without_an_engine_are_refused_with_a_way_out(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = ports.free_ports(1)
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
    found = stack.start(stub_plan(engine="containers"))
    assert found.error is not None
    assert "the container engine cannot be used" in found.error.en
    assert "leave out --with containers" in found.error.en
    assert "没有它也能运行" in found.error.zh


def test_a_java_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    java.find.cache_clear()
    monkeypatch.setenv("WANGGE_JAVA", "/bin/false")
    with pytest.raises(StackError, match="cannot be run"):
        java.find()
    java.find.cache_clear()


@pytest.mark.parametrize(("version", "flags"), [("17.0.2", False), ("25.0.1", True)])
def test_a_java_of_ones_own_gets_the_flags_that_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, flags: bool
) -> None:
    own = tmp_path / "java"
    own.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-01' >&2\n")
    own.chmod(0o755)
    java.find.cache_clear()
    monkeypatch.setenv("WANGGE_JAVA", str(own))
    command = java.find().command("a.jar")
    java.find.cache_clear()
    assert command[0] == str(own)
    assert ("--enable-native-access=ALL-UNNAMED" in command) == flags
    assert command[-2:] == ["-cp", "a.jar"]


def test_a_java_reads_the_cache_that_was_made_for_it_and_its_jars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_CACHE", str(tmp_path))
    ours = java.find()
    cache, other = ours.cache("a.jar"), ours.cache("b.jar")
    assert cache is not None
    assert other not in {None, cache}
    assert java.Java(ours.program, 24).cache("a.jar") is None
    assert not any("AOTCache" in one for one in ours.command("a.jar"))
    cache.write_text("no cache at all")
    command = ours.command("a.jar")
    assert f"-XX:AOTCache={cache}" in command
    assert not any("AOTCache" in one for one in ours.command("b.jar"))
    done = subprocess.run([*command, "-version"], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "cache" not in done.stderr, "it does without, and says nothing"


def test_a_java_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "java"
    own.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    own.chmod(0o755)
    java.find.cache_clear()
    monkeypatch.setenv("WANGGE_JAVA", str(own))
    with pytest.raises(StackError, match="is Java 11; Kafka needs 17"):
        java.find()
    java.find.cache_clear()


def test_a_kafka_home_without_jars_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_KAFKA_HOME", str(tmp_path))
    with pytest.raises(StackError, match="holds no folder libs"):
        kafka.classpath()
    (tmp_path / "libs").mkdir()
    assert kafka.classpath() == f"{tmp_path}/libs/*"


def test_a_damaged_jar_is_not_taken_for_the_locked_one(tmp_path: Path) -> None:
    first = jars.locked()[0]
    path = first.path(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(first.path(jars.repository()).read_bytes())
    assert jars.sound(first, tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert not jars.sound(first, tmp_path)
