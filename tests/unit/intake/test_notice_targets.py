"""Targets of notices are checked where they come in: reachable, safe, and without a secret."""

from typing import Any

import pytest

from services.intake.domain.entry_rules import examine
from services.intake.http.import_body import gather
from shared.contracts.registry_v1 import NoticeTargetSet, set_type
from tests.registry.entries import matter
from tests.unit.escalation.targets import mailbox, target

ZONE = "Asia/Shanghai"


def faults(one: Any, area: str | None = None) -> list[str]:  # noqa: ANN401 - any entry
    return [fault.code for fault in examine(one, area).faults]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x?room=7", "http://127.0.0.1:9010/", "http://localhost/a",
        "http://[::1]:80/", "https://10.0.0.7:8443/hook",
    ],
)  # fmt: skip
def test_addresses_that_are_taken(url: str) -> None:
    assert faults(target(url=url)) == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://a.example/", "insecure_url"),
        ("http://10.0.0.7/", "insecure_url"),
        ("ftp://a.example/", "insecure_url"),
        ("file:///etc/passwd", "invalid_url"),
        ("a.example", "invalid_url"),
        ("https://", "invalid_url"),
        ("https://a.example:port/", "invalid_url"),
        ("https://a.example/ x", "invalid_url"),
        ("https://user:pw@a.example/", "secret_in_url"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6", "secret_in_url"),
        ("https://oapi.dingtalk.com/robot/send?Access_Token=abc", "secret_in_url"),
        (None, "no_url"),
    ],
)
def test_addresses_that_are_refused(url: str | None, code: str) -> None:
    assert faults(target(url=url)) == [code]


def test_a_robot_needs_no_address_and_a_secret() -> None:
    assert faults(target(channel="wecom", url=None)) == []
    assert faults(target(channel="dingtalk", url=None, secret=None)) == ["no_secret"]
    assert faults(target(secret=None)) == ["no_secret"]
    assert faults(target(addresses=("a@b.example",))) == ["addresses_unused"]


def test_a_mailbox_needs_addresses_and_nothing_else() -> None:
    assert faults(mailbox()) == []
    assert faults(mailbox(addresses=())) == ["no_address"]
    assert faults(mailbox(secret="s")) == ["url_unused"]
    assert faults(mailbox(url="https://a.example/")) == ["url_unused"]


def test_the_zone_must_be_known() -> None:
    assert faults(target(zone="Asia/Nowhere")) == ["unknown_zone"]


def test_an_administrator_sets_targets_of_its_own_area() -> None:
    assert faults(target(area="990101"), "990101") == []
    assert faults(target(area="9901"), "990101") == ["not_your_area"]


def test_targets_come_in_changes_of_their_own_by_an_event_of_their_own() -> None:
    assert set_type("notice_target") is NoticeTargetSet
    lines = [one.model_dump_json(exclude_none=True).encode() for one in (matter("a"), target())]
    both = gather(b"\n".join(lines), "application/x-ndjson", "", None, ZONE)
    assert [(one["index"], one["code"]) for one in both.faults] == [(1, "notice_targets_apart")]
    alone = gather(lines[1], "application/x-ndjson", "", None, ZONE)
    assert alone.faults == []
    assert [one.key for one in alone.candidates] == ["notice_target/duty"]
