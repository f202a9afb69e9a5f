"""The commands as processes: exit status, JSON, and what is said when it cannot be done."""

import asyncio
import json
import os
import sys
from pathlib import Path

from shared.contracts.topics import TOPICS
from tests.integration.audit.conftest import City


async def wangge(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run a command; its exit status, and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.cli",
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


async def test_audit_says_clean_and_then_not(city: City) -> None:
    status, out, err = await wangge("audit", "--json", "--wait", "5")
    assert status == 0, err
    said = json.loads(out)
    assert said["clean"] is True
    assert said["problems"] == []

    documents = city.database("analytics")["rollups"]
    await documents.insert_one({"_id": "9999|*|*|2026-03-02", "n": {"filed": 1}, "at": {}})
    status, out, _ = await wangge("audit", "--json", "--wait", "0")
    await documents.delete_one({"_id": "9999|*|*|2026-03-02"})

    assert status == 1
    said = json.loads(out)
    assert said["clean"] is False
    assert [problem["id"] for problem in said["problems"]] == ["9999|*|*|2026-03-02"]


async def test_audit_of_nothing_that_answers_is_an_error_and_no_verdict() -> None:
    status, out, err = await wangge(
        "audit", "--json", "--kafka", "127.0.0.1:1", "--mongo", "mongodb://me:secret@127.0.0.1:1/"
    )
    assert status == 2
    assert out == ""
    assert "could not read Kafka at 127.0.0.1:1" in err
    assert "审计无法读取" in err
    assert "Unclosed" not in err
    assert "secret" not in err


async def test_rebuild_of_nothing_that_answers_is_an_error_and_no_verdict() -> None:
    status, out, err = await wangge(
        "rebuild", "--json", "--kafka", "127.0.0.1:1", "--mongo", "mongodb://me:hush@127.0.0.1:1/"
    )
    assert (status, out) == (2, "")
    assert "could not use Kafka at 127.0.0.1:1 and MongoDB at mongodb://***@127.0.0.1:1/" in err
    assert "hush" not in err


async def test_a_crash_is_no_verdict_either() -> None:
    for name in ("audit", "rebuild"):
        status, out, err = await wangge(
            name, "--kafka", "127.0.0.1:1", "--mongo", "mongodb://h:99999/"
        )
        assert (status, out) == (2, "")
        assert "Traceback" in err


async def test_a_letter_that_is_not_there_is_not_sent_again(city: City) -> None:
    for name in ("list", "replay"):
        status, out, err = await wangge(
            "dead-letters", name, "--json", "--id", "nope", "--kafka", city.kafka
        )
        assert (status, out) == (1, "")
        assert "there is no dead letter nope among these" in err
        assert "没有编号为 nope 的死信" in err


async def test_topics_are_created_once(city: City) -> None:
    status, out, err = await wangge("topics", "create", "--json", "--kafka", city.kafka)
    assert status == 0, err
    assert json.loads(out)["existing"] == [topic.name for topic in TOPICS]


async def test_topics_and_contracts_are_told_without_any_server() -> None:
    status, out, _ = await wangge("topics", "list", "--json")
    assert status == 0
    assert [topic["name"] for topic in json.loads(out)] == [topic.name for topic in TOPICS]
    status, out, _ = await wangge("contracts", "check", "--json")
    assert (status, json.loads(out)["clean"]) == (0, True)


async def test_a_command_that_needs_a_stack_says_how_to_get_one(tmp_path: Path) -> None:
    nothing = {"WANGGE_HOME": str(tmp_path), "WANGGE_KAFKA": "", "WANGGE_MONGO": ""}
    for name, expected in (("audit", 2), ("rebuild", 2), ("topics create", 1)):
        status, out, err = await wangge(*name.split(), "--json", **nothing)
        assert (status, out) == (expected, "")
        assert "no stack runs" in err
        assert "wangge up" in err
