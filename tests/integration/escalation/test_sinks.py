"""The ways out on real sockets: HTTP on this machine, and a real server for e-mail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SmtpServer  # noqa: N811 - a class of that name
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from deploy.local.ports import free_ports
from services.escalation.domain.notices import Notice, notices
from services.escalation.domain.posting import Fate, Outcome
from services.escalation.settings import Settings
from services.escalation.sinks import opened
from shared.contracts.notice_targets import NoticeTarget
from tests.integration.escalation.sinks import receiving
from tests.unit.escalation.targets import NOON, WRITER, breached, mailbox, target


@dataclass
class Post:
    """What a server for e-mail has taken, and what it answers."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""
    unknown: frozenset[str] = frozenset()

    async def handle_RCPT(  # noqa: N802 - the name that the library asks for
        self, _server: SmtpServer, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that the library asks for
        self, _server: SmtpServer, _session: Session, envelope: Envelope
    ) -> str:
        if self.refuses:
            return self.refuses
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def knows(_server: Any, _session: Any, _envelope: Any, _how: str, login: Any) -> AuthResult:  # noqa: ANN401
    good = isinstance(login, LoginPassword) and login.password == b"pass"
    return AuthResult(success=good, handled=good)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[int]:
    (port,) = free_ports(1)
    controller = Controller(
        post, hostname="127.0.0.1", port=port, authenticator=knows, auth_require_tls=False
    )
    controller.start()
    yield port
    controller.stop()


def made(of: NoticeTarget) -> Notice:
    (found,) = notices(breached(), [of], WRITER, NOON)
    return found


async def sent(of: NoticeTarget, **settings: Any) -> Outcome:  # noqa: ANN401 - any setting
    async with opened(Settings(**settings)) as sinks:
        return await sinks.send(of, made(of), datetime.now(UTC))


async def mailed(of: NoticeTarget, port: int, **more: Any) -> Outcome:  # noqa: ANN401
    mine = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"}
    return await sent(of, **mine | {"smtp_from": "Wangge <wangge@city.example>"} | more)


async def test_a_mail_arrives_in_both_languages_with_an_id_that_stays(
    post: Post, server: int
) -> None:
    two = mailbox(addresses=("duty@a.example", "night@b.example"), language="both")
    for _ in range(2):
        assert (await mailed(two, server)).fate is Fate.SENT
    first, again = post.mails
    notice = made(two)
    assert first["subject"] == notice.text.subject
    assert first["subject"].startswith("【超时】")
    assert first["to"] == "duty@a.example, night@b.example"
    assert first["from"] == "Wangge <wangge@city.example>"
    assert first.get_content().splitlines() == notice.text.body.splitlines()
    assert first["message-id"] == again["message-id"] == f"<{notice.id}@city.example>"
    assert first["x-wangge-event"] == notice.event
    assert first["auto-submitted"] == "auto-generated"


async def test_a_server_may_ask_who_one_is(post: Post, server: int, tmp_path: Path) -> None:
    (password := tmp_path / "password").write_text("pass\n")
    known = {"smtp_user": "wangge", "smtp_password_file": password}
    assert (await mailed(mailbox(), server, **known)).fate is Fate.SENT
    password.write_text("guess")
    assert (await mailed(mailbox(), server, **known)).fate is Fate.AWAY
    password.unlink()
    assert (await mailed(mailbox(), server, **known)).fate is Fate.AWAY
    assert len(post.mails) == 1


async def test_what_a_server_says_against_a_mail(post: Post, server: int) -> None:
    post.refuses = "451 later"
    assert (await mailed(mailbox(), server)).fate is Fate.AWAY
    post.refuses = "554 spam"
    assert await mailed(mailbox(), server) == Outcome(Fate.REFUSED, "554 spam")
    post.refuses = ""
    post.unknown = frozenset({"duty@a.example"})
    assert (await mailed(mailbox(), server)).fate is Fate.REFUSED
    two = mailbox(addresses=("duty@a.example", "night@b.example"))
    assert (await mailed(two, server)).fate is Fate.SENT
    assert len(post.mails) == 1


async def test_without_a_server_mail_waits() -> None:
    none = await sent(mailbox())
    assert none.fate is Fate.AWAY
    assert "WANGGE_ESCALATION_SMTP_HOST" in (none.error or "")
    (closed,) = free_ports(1)
    assert (await mailed(mailbox(), closed)).fate is Fate.AWAY
    assert (await mailed(mailbox(), closed, smtp_tls="starttls")).fate is Fate.AWAY


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    (tmp_path / "hook").write_text("secret of the tests\n")
    (tmp_path / "empty").write_text("\n")
    return tmp_path


async def test_posts_are_judged_by_their_answers(secrets: Path) -> None:
    async with receiving() as there:
        hook = target(url=f"{there.url}/x", secret="hook")
        robot = target(url=f"{there.url}/r", secret="hook", channel="wecom")
        for of, status, answer, fate in (
            (hook, 204, b"", Fate.SENT),
            (hook, 400, b"what?", Fate.REFUSED),
            (hook, 503, b"x" * 100_000, Fate.AWAY),
            (robot, 200, b'{"errcode":0}', Fate.SENT),
            (robot, 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', Fate.AWAY),
        ):
            there.status, there.answer = status, answer
            found = await sent(of, notice_secrets=secrets)
            assert found.fate is fate
            assert len(found.error or "") < 300
        assert there.got[-1][0] == "/r?key=secret"


async def test_nobody_is_followed_to_another_address(secrets: Path) -> None:
    async with receiving() as there:
        there.status = 302
        found = await sent(target(url=there.url, secret="hook"), notice_secrets=secrets)
    assert found.fate is Fate.AWAY
    assert len(there.got) == 1


@pytest.mark.parametrize("name", ["missing", "empty"])
async def test_without_its_secret_a_target_waits_and_the_secret_is_named(
    secrets: Path, name: str
) -> None:
    found = await sent(target(secret=name), notice_secrets=secrets)
    assert found.fate is Fate.AWAY
    assert name in (found.error or "")
    assert (await sent(target(secret=name))).fate is Fate.AWAY


async def test_what_is_said_of_a_robot_that_is_away_does_not_tell_its_key(secrets: Path) -> None:
    (closed,) = free_ports(1)
    robot = target(url=f"http://127.0.0.1:{closed}/", secret="hook", channel="dingtalk")
    found = await sent(robot, notice_secrets=secrets)
    assert found.fate is Fate.AWAY
    assert "secret" not in (found.error or "")
