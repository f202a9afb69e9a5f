"""The small rules of the local stack, without any process."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.cli.overview import as_json, news
from deploy.local import images, kafka, process
from deploy.local.build import assemble
from deploy.local.errors import StackError
from deploy.local.keeper import PAUSES, pause
from deploy.local.paths import Home
from deploy.local.plan import StackPlan, without_password
from deploy.local.state import Condition, ProcessState, StackState, read, write


def test_pauses_grow_and_stay_at_the_longest() -> None:
    assert [pause(n) for n in range(1, len(PAUSES) + 1)] == sorted(PAUSES)
    assert pause(100) == PAUSES[-1]


def stack_of(state: Condition, restarts: int = 0) -> StackState:
    one = ProcessState(
        name="intake",
        address="127.0.0.1:8001",
        state=state,
        restarts=restarts,
        ready_seconds=1.5,
        last_exit=-9,
        log="",
    )
    return StackState(
        home="", supervisor=1, started_at=datetime.now(UTC), kafka="", mongo="", processes=[one]
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("starting", 0), ("running", 0), "intake is ready on 127.0.0.1:8001 after 1.5 s"),
        (("running", 0), ("restarting", 0), "intake ended by itself (status -9)"),
        (("restarting", 1), ("running", 1), "intake was started again (restart 1)"),
        (("running", 1), ("running", 2), "intake was started again (restart 2)"),
    ],
)
def test_what_happened_between_two_states_is_told_once(
    before: tuple[Condition, int], after: tuple[Condition, int], told: str
) -> None:
    (line,) = news(stack_of(*before), stack_of(*after))
    assert line.startswith(told)
    assert news(stack_of(*after), stack_of(*after)) == []


def test_a_state_file_that_is_half_written_is_no_state(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write(home, stack_of("running"))
    assert read(home) == stack_of("running").model_copy(
        update={"started_at": read(home).started_at}  # type: ignore[union-attr]
    )
    home.state.write_text(home.state.read_text()[:-9])
    assert read(home) is None


def test_a_password_is_kept_for_clients_and_shown_to_nobody(tmp_path: Path) -> None:
    uri = "mongodb://me:hush@db.example:27017/?replicaSet=rs0"
    home, plan = Home(tmp_path), StackPlan(mongo_external=uri)
    parts = assemble(plan, home)
    assert parts.mongo == uri
    (entry,) = (one for one in parts.entries if one.name == "mongo")
    assert entry.address == "mongodb://***@db.example:27017/?replicaSet=rs0"
    write(home, stack_of("running").model_copy(update={"mongo": uri}))
    found = read(home)
    assert found is not None
    assert found.mongo == uri
    assert stat.S_IMODE(home.state.stat().st_mode) == 0o600
    assert json.loads(as_json(home, found))["mongo"] == entry.address


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("mongodb://127.0.0.1:27117/?directConnection=true", None),
        ("mongodb+srv://me:p%40ss@h/db", "mongodb+srv://***@h/db"),
        ("mongodb://me:p@ss/word@h1,h2:1/", "mongodb://***@h1,h2:1/"),
        (
            "mongodb://h/?tlsCertificateKeyFilePassword=hush&tls=true",
            "mongodb://h/?tlsCertificateKeyFilePassword=***&tls=true",
        ),
    ],
)
def test_an_address_is_shown_without_what_is_secret_in_it(uri: str, shown: str | None) -> None:
    assert without_password(uri) == (shown or uri)


def test_a_state_of_another_user_is_no_stack_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> str:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", denied)
    with pytest.raises(StackError, match="may be read by its owner only"):
        read(Home(tmp_path))


def test_a_port_that_looks_like_another_word_of_the_template_is_not_replaced() -> None:
    lines = kafka.render(19092, 19093, Path("/data/PORT")).splitlines()
    assert "controller.quorum.voters=1@127.0.0.1:19093" in lines
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:19092" in lines
    assert "log.dirs=/data/PORT" in lines


def test_cluster_ids_are_what_kafka_takes() -> None:
    found = {kafka.new_cluster_id() for _ in range(50)}
    assert len(found) == 50
    assert all(len(one) == 22 and not one.startswith("-") for one in found)


def test_the_container_gets_the_same_properties_and_publishes_loopback(tmp_path: Path) -> None:
    recipe = images.kafka_recipe(Home(tmp_path), 19092)
    told = recipe.environment
    assert told["KAFKA_LISTENERS"].startswith("PLAINTEXT://0.0.0.0:19092,CONTROLLER://127.0.0.1:")
    assert told["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:19092"
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert told["KAFKA_LOG_DIRS"] == recipe.folder
    assert images.kafka_recipe(Home(tmp_path / "other"), 19092).title != recipe.title


def test_the_gist_of_a_log_is_its_errors_of_this_run_else_its_end(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("ERROR an old one\n")
    begin = log.stat().st_size
    with log.open("a") as file:
        file.write("".join(f"line {n}\n" for n in range(20)))
    assert process.log_gist(log, begin).splitlines() == [f"line {n}" for n in range(12, 20)]
    with log.open("a") as file:
        file.write("2026 ERROR the new one\nline 20\n")
    assert process.log_gist(log, begin) == "2026 ERROR the new one"


def test_a_log_that_has_grown_too_large_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LOG_BYTES", 10)
    log = tmp_path / "logs" / "x.log"
    for text in (b"0123456789A", b"new"):
        with process.open_log(log) as file:
            file.write(text)
    assert log.read_bytes() == b"new"
    assert log.with_name("x.log.1").read_bytes() == b"0123456789A"
