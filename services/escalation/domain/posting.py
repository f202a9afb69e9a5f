"""What is posted for a notice, how it is signed, and what an answer to it means.

Webhooks are signed as Standard Webhooks says (HMAC-SHA256 over id, time and body), which receivers
can check with its libraries; robots of WeCom and DingTalk as their vendors say.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from services.escalation.domain.notices import Notice
from shared.contracts.notice_targets import Channel, NoticeTarget

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
EVENT, KEY = "x-wangge-event", "idempotency-key"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret in base64 begins with
USUAL = {
    Channel.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
    Channel.DINGTALK: "https://oapi.dingtalk.com/robot/send",
}
"""Where the vendors' robots are."""
LONGEST = {Channel.WECOM: 4096, Channel.DINGTALK: 20_000}
"""So many bytes of text a robot takes."""
NOT_TAKEN = frozenset({
    HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
})  # fmt: skip
"""Answers that speak of the notice, not of the target."""
OF_CONTENT: Mapping[Channel, Mapping[int, tuple[str, ...]]] = {
    Channel.WECOM: {40058: ("content",), 44004: ("",), 45002: ("",)},
    Channel.DINGTALK: {310000: ("keywords not in content", "关键词不匹配"), 40035: ("json",)},
}
"""The ``errcode`` by which a robot speaks of the notice, and a part of what its ``errmsg`` then
says: some are of the address, the signature or the place of who sends, too."""
SAID = 200


class Fate(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    AWAY = "away"
    """The target is not there, or not well: it is tried again, and nothing before it."""
    REFUSED = "refused"
    """The target does not want this one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt, and what was said against it."""

    fate: Fate
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A request to be made."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def post_of(target: NoticeTarget, notice: Notice, secret: str, now: datetime) -> Post:
    """What is posted to a webhook or a robot. Raises ValueError where it has no address."""
    lines = secret.split()
    if target.channel is Channel.WECOM:
        return _robot(target, {"key": lines[0]}, _wecom(notice))
    if target.channel is Channel.DINGTALK:
        signed = _signed(lines[1], now) if len(lines) > 1 else {}
        return _robot(target, {"access_token": lines[0], **signed}, _dingtalk(notice))
    if target.url is None:
        raise ValueError(f"notice_target {target.code} has no url")
    body = _json(_told(notice))
    headers = {
        "content-type": "application/json",
        EVENT: notice.event,
        KEY: notice.id,
        **signature(secret, notice.id, now, body),
    }
    return Post(target.url, body, headers)


def signature(secret: str, message: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows that a body is ours and not old."""
    timestamp = str(int(now.timestamp()))
    return {
        ID: message,
        TIMESTAMP: timestamp,
        SIGNATURE: _digest(secret, message, timestamp, body),
    }


def verified(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerated_s: float
) -> bool:
    """What a receiver does: whether a body is ours and not older than so many seconds.

    ``now``: seconds of the epoch. A header may have several signatures, as secrets are changed.
    """
    found = {name.lower(): one for name, one in headers.items()}
    message, timestamp = found.get(ID, ""), found.get(TIMESTAMP, "")
    if not timestamp.isascii() or not timestamp.isdecimal():
        return False
    if abs(now - int(timestamp)) > tolerated_s:
        return False
    expected = _digest(secret, message, timestamp, body)
    given = found.get(SIGNATURE, "").split()
    return any(hmac.compare_digest(one.encode(), expected.encode()) for one in given)


def _digest(secret: str, message: str, timestamp: str, body: bytes) -> str:
    signed = f"{message}.{timestamp}.".encode() + body
    digest = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return f"v1,{b64encode(digest).decode()}"


def secret_bytes(secret: str) -> bytes:
    """What signs: of ``whsec_...`` the bytes that it spells, else the text itself.

    Raises ValueError where it spells none: the receiver would sign with something else.
    """
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except NotBase64Error as error:
        raise ValueError(f"what follows {SECRET_PREFIX} in the secret is no base64") from error


def judged(channel: Channel, status: int, body: bytes) -> Outcome:
    """What an answer means: of a robot its ``errcode`` counts, whatever the status."""
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        fate = Fate.REFUSED if status in NOT_TAKEN else Fate.AWAY
        return Outcome(fate, f"{status} {body[:SAID].decode(errors='replace')}".strip())
    if channel is Channel.WEBHOOK:
        return Outcome(Fate.SENT)
    try:
        answer = json.loads(body)
        code = answer["errcode"]
    except (ValueError, KeyError, TypeError):
        return Outcome(Fate.AWAY, f"no errcode in {body[:SAID].decode(errors='replace')}")
    if code == 0:
        return Outcome(Fate.SENT)
    said = str(answer.get("errmsg"))
    fate = Fate.REFUSED if _is_of_content(channel, code, said) else Fate.AWAY
    return Outcome(fate, f"errcode {code}: {said[:SAID]}")


def _is_of_content(channel: Channel, code: object, said: str) -> bool:
    parts = OF_CONTENT.get(channel, {}).get(code, ()) if isinstance(code, int) else ()
    return any(part in said for part in parts)


def _told(notice: Notice) -> dict[str, Any]:
    """The body of a webhook: who, what, and the words."""
    return {
        "notice": notice.id,
        "event": notice.event,
        "target": notice.target,
        **notice.about.model_dump(mode="json", exclude_none=True),
        "subject": notice.text.subject,
        "body": notice.text.body,
    }


def _robot(target: NoticeTarget, access: dict[str, str], body: dict[str, Any]) -> Post:
    base = target.url or USUAL[target.channel]
    url = f"{base}{'&' if '?' in base else '?'}{urlencode(access)}"
    return Post(url, _json(body), {"content-type": "application/json"})


def _wecom(notice: Notice) -> dict[str, Any]:
    text = f"**{notice.text.subject}**\n{notice.text.body}"
    return {"msgtype": "markdown", "markdown": {"content": _cut(text, LONGEST[Channel.WECOM])}}


def _dingtalk(notice: Notice) -> dict[str, Any]:
    # A line of Markdown ends with an empty one there.
    body = "\n\n".join(line for line in notice.text.body.splitlines() if line)
    text = _cut(f"**{notice.text.subject}**\n\n{body}", LONGEST[Channel.DINGTALK])
    return {"msgtype": "markdown", "markdown": {"title": notice.text.subject, "text": text}}


def _signed(secret: str, now: datetime) -> dict[str, str]:
    """DingTalk's 加签: its secret is the key, and is signed with the time in milliseconds."""
    timestamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": b64encode(digest).decode()}


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
