"""What is posted for a notice, how it is signed, and what an answer means."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from deploy.local.paths import CHECKOUT
from services.escalation.domain.notices import Notice, notices
from services.escalation.domain.posting import (
    ID,
    SIGNATURE,
    TIMESTAMP,
    Fate,
    judged,
    post_of,
    secret_bytes,
    signature,
    verified,
)
from shared.contracts.notice_targets import Channel
from tests.unit.escalation.targets import NOON, WRITER, breached, target

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NO_KEYWORD = '{"errcode":310000,"errmsg":"description:关键词不匹配;solution:..."}'.encode()
LONG_MARKDOWN = b'{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}'
WECOM = target("group", channel="wecom", url=None)
DINGTALK = target("group", channel="dingtalk", url=None)


def notice(of: object = None) -> Notice:
    (made,) = notices(breached(), [of or target()], WRITER, NOON)  # type: ignore[list-item]
    return made


def test_a_webhook_is_told_what_happened_as_data_and_in_words() -> None:
    made = notice()
    post = post_of(target(), made, SECRET, NOON)
    told = json.loads(post.body)
    assert post.url == target().url
    assert told == {
        "notice": made.id, "event": made.event, "target": "duty", "occasion": "breached",
        "at": "2026-03-02T04:00:00.000Z", "incident_id": "incident-1",
        "case_no": "9901-20260302-0001-7", "grid": "990101002003001", "unit": "sanitation",
        "matter": "litter", "task": "lead", "stage": "handle", "percent": 100,
        "due_at": "2026-03-02T03:57:00.000Z", "subject": made.text.subject,
        "body": made.text.body,
    }  # fmt: skip
    assert post.headers["x-wangge-event"] == made.event
    assert post.headers["idempotency-key"] == post.headers[ID] == made.id


def test_the_signature_is_over_id_time_and_body() -> None:
    body = b'{"a":1}'
    told = signature(SECRET, "msg_1", NOON, body)
    seconds = str(int(NOON.timestamp()))
    by_hand = hmac.new(bytes(range(32)), b"msg_1." + seconds.encode() + b"." + body, hashlib.sha256)
    assert told[TIMESTAMP] == seconds
    assert told[SIGNATURE] == "v1," + base64.b64encode(by_hand.digest()).decode()


def test_a_receiver_knows_ours_from_others() -> None:
    body, now = b'{"a":1}', NOON.timestamp()
    told = signature(SECRET, "msg_1", NOON, body)
    assert verified(SECRET, told, body, now + 299, 300)
    capital = {name.title(): one for name, one in told.items()}
    assert verified(SECRET, capital, body, now, 300)
    two = told | {SIGNATURE: f"v1,AAAA {told[SIGNATURE]}"}
    assert verified(SECRET, two, body, now, 300)
    assert not verified("another", told, body, now, 300)
    assert not verified(SECRET, told, b'{"a":2}', now, 300)
    assert not verified(SECRET, told | {ID: "msg_2"}, body, now, 300)
    assert not verified(SECRET, told, body, now + 301, 300)
    assert not verified(SECRET, told | {TIMESTAMP: "soon"}, body, now, 300)
    assert not verified(SECRET, told | {SIGNATURE: "v1,ü"}, body, now, 300)
    assert not verified(SECRET, {}, body, now, 300)


def test_a_secret_is_base64_or_a_text() -> None:
    assert secret_bytes(SECRET) == bytes(range(32))
    assert secret_bytes("plain") == b"plain"
    with pytest.raises(ValueError, match="no base64"):
        secret_bytes("whsec_no base64")


def test_a_robot_of_wecom_gets_markdown_and_its_key() -> None:
    made = notice(WECOM)
    post = post_of(WECOM, made, "693a91f6\n", NOON)
    assert post.url == "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6"
    told = json.loads(post.body)
    assert told["msgtype"] == "markdown"
    assert told["markdown"]["content"].startswith(f"**{made.text.subject}**\n处置时限")
    assert "693a91f6" not in post.body.decode()


def test_a_robot_of_dingtalk_is_signed_where_it_has_a_secret() -> None:
    made = notice(DINGTALK)
    post = post_of(DINGTALK, made, "token-1\nSEC0123", NOON)
    query = dict(parse_qsl(urlsplit(post.url).query))
    stamp = str(int(NOON.timestamp() * 1000))
    sign = hmac.new(b"SEC0123", f"{stamp}\nSEC0123".encode(), hashlib.sha256).digest()
    assert post.url.startswith("https://oapi.dingtalk.com/robot/send?access_token=token-1&")
    assert query == {
        "access_token": "token-1", "timestamp": stamp, "sign": base64.b64encode(sign).decode(),
    }  # fmt: skip
    told = json.loads(post.body)
    assert told["markdown"]["title"] == made.text.subject
    assert "\n\n案卷：" in told["markdown"]["text"]
    plain = post_of(DINGTALK, made, "token-1", NOON)
    assert parse_qsl(urlsplit(plain.url).query) == [("access_token", "token-1")]


def test_a_robot_elsewhere_keeps_what_its_address_has() -> None:
    here = target("group", channel="wecom", url="http://127.0.0.1:9/robot?a=1")
    assert post_of(here, notice(here), "k", NOON).url == "http://127.0.0.1:9/robot?a=1&key=k"


def test_a_robot_gets_no_more_than_it_takes_and_no_half_character() -> None:
    made = notice(WECOM)
    long = made.model_copy(update={"text": made.text.model_copy(update={"body": "格" * 3000})})
    content = json.loads(post_of(WECOM, long, "k", NOON).body)["markdown"]["content"]
    assert 4090 < len(content.encode()) <= 4096


@pytest.mark.parametrize(
    ("channel", "status", "body", "fate"),
    [
        ("webhook", 200, b"", Fate.SENT),
        ("webhook", 204, b"", Fate.SENT),
        ("webhook", 302, b"", Fate.AWAY),
        ("webhook", 401, b"", Fate.AWAY),
        ("webhook", 404, b"", Fate.AWAY),
        ("webhook", 429, b"", Fate.AWAY),
        ("webhook", 500, b"", Fate.AWAY),
        ("webhook", 503, b"\xff", Fate.AWAY),
        ("webhook", 400, b"bad", Fate.REFUSED),
        ("webhook", 422, b"", Fate.REFUSED),
        ("wecom", 200, b'{"errcode":0,"errmsg":"ok"}', Fate.SENT),
        ("wecom", 200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', Fate.AWAY),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign not match"}', Fate.AWAY),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}', Fate.AWAY),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"keywords not in content"}', Fate.REFUSED),
        ("dingtalk", 200, NO_KEYWORD, Fate.REFUSED),
        ("dingtalk", 200, b'{"errcode":310000}', Fate.AWAY),
        ("dingtalk", 200, '{"errcode":40035,"errmsg":"缺少参数 json"}'.encode(), Fate.REFUSED),
        ("dingtalk", 200, '{"errcode":40035,"errmsg":"缺少参数 access_token"}'.encode(), Fate.AWAY),
        ("dingtalk", 200, b'{"errcode":130101,"errmsg":"send too fast"}', Fate.AWAY),
        ("wecom", 200, LONG_MARKDOWN, Fate.REFUSED),
        ("wecom", 200, b'{"errcode":40058,"errmsg":"invalid param \'key\'"}', Fate.AWAY),
        ("wecom", 200, b'{"errcode":44004,"errmsg":"empty content"}', Fate.REFUSED),
        ("wecom", 200, b'{"errcode":45002,"errmsg":"content size out of limit"}', Fate.REFUSED),
        ("wecom", 200, b'{"errcode":310000,"errmsg":"keywords not in content"}', Fate.AWAY),
        ("wecom", 200, b'{"errcode":[]}', Fate.AWAY),
        ("dingtalk", 200, b"<html>", Fate.AWAY),
        ("dingtalk", 200, b"[]", Fate.AWAY),
        ("wecom", 502, b"", Fate.AWAY),
    ],
)
def test_what_an_answer_means(channel: str, status: int, body: bytes, fate: Fate) -> None:
    found = judged(Channel(channel), status, body)
    assert found.fate is fate
    assert (found.error is None) == (fate is Fate.SENT)


def test_an_attempt_later_has_a_new_time_and_the_same_id() -> None:
    first = post_of(target(), notice(), SECRET, NOON)
    later = post_of(target(), notice(), SECRET, NOON + timedelta(minutes=5))
    assert first.headers[ID] == later.headers[ID]
    assert first.headers[SIGNATURE] != later.headers[SIGNATURE]
    assert first.body == later.body


def test_the_readme_says_how_a_receiver_knows_ours() -> None:
    readme = (CHECKOUT / "services/escalation/README.md").read_text("utf-8")
    snippet = readme.partition("```python\n")[2].partition("```")[0]
    known: dict[str, Any] = {}
    exec(snippet, known)  # noqa: S102 - what the page shows is run
    ours = known["ours"]
    told = signature(SECRET, "msg_1", datetime.now(UTC), b"{}")
    assert ours(SECRET, told, b"{}")
    assert not ours(SECRET, told, b"[]")
    assert not ours("whsec_AAAA", told, b"{}")
    assert not ours(SECRET, signature(SECRET, "msg_1", NOON, b"{}"), b"{}")
