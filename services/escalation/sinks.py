"""The ways by which notices leave: HTTP and SMTP, each attempt within bounds."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import aiosmtplib
import httpx

from services.escalation.domain.notices import Notice
from services.escalation.domain.posting import EVENT, Fate, Outcome, judged, post_of
from services.escalation.settings import Settings
from shared.contracts.notice_targets import Channel, NoticeTarget

TIMEOUT = httpx.Timeout(8.0, connect=4.0)
SMTP_S = 8.0
CONNECTIONS = 1_000
"""At once, over all targets; each has a few at most."""
READ_BYTES = 16_384
"""So much of an answer is read."""
PERMANENT = 500
"""Replies of SMTP from here on speak of the mail, not of the server."""


class Sink(Protocol):
    """Makes one attempt to send a notice; it raises nothing that a target can cause."""

    async def send(self, target: NoticeTarget, notice: Notice, now: datetime) -> Outcome:
        """What became of the attempt."""
        ...


@dataclass(frozen=True, slots=True)
class Sinks:
    """All channels, by the service's settings."""

    settings: Settings
    http: httpx.AsyncClient

    async def send(self, target: NoticeTarget, notice: Notice, now: datetime) -> Outcome:
        """What became of the attempt."""
        if target.channel is Channel.EMAIL:
            return await self._mail(target, notice, now)
        return await self._post(target, notice, now)

    async def _post(self, target: NoticeTarget, notice: Notice, now: datetime) -> Outcome:
        try:
            secret = read_secret(self.settings.notice_secrets, target.secret)
            post = post_of(target, notice, secret, now)
            sending = self.http.stream("POST", post.url, content=post.body, headers=post.headers)
            async with sending as answer:
                return judged(target.channel, answer.status_code, await _begin_of(answer))
        except (NoSecretError, ValueError) as error:
            return Outcome(Fate.AWAY, str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            # Its text may name the address, and that of a robot has its key.
            return Outcome(Fate.AWAY, f"{type(error).__name__}: {target.url or target.channel}")

    async def _mail(self, target: NoticeTarget, notice: Notice, now: datetime) -> Outcome:
        settings = self.settings
        if not settings.smtp_host:
            return Outcome(Fate.AWAY, "no server for e-mail: set WANGGE_ESCALATION_SMTP_HOST")
        try:
            await aiosmtplib.send(
                mail_of(target, notice, settings.smtp_from, now),
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user or None,
                password=_password(settings.smtp_password_file),
                use_tls=settings.smtp_tls == "tls",
                start_tls=settings.smtp_tls == "starttls",
                timeout=SMTP_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused([one.code for one in error.recipients], "nobody there takes mail")
        except aiosmtplib.SMTPAuthenticationError as error:
            # A matter of settings, which may be put right.
            return Outcome(Fate.AWAY, f"{error.code} {error.message}"[:300])
        except aiosmtplib.SMTPResponseException as error:
            return _refused([error.code], error.message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Outcome(Fate.AWAY, f"{type(error).__name__}: {error}"[:300])
        return Outcome(Fate.SENT)


class NoSecretError(Exception):
    """A secret that a target names is not there."""


def read_secret(folder: Path | None, name: str | None) -> str:
    """The secret of that name, read anew each time so that it can be changed.

    Raises NoSecretError.
    """
    if folder is None or name is None:
        raise NoSecretError("no folder of secrets: set WANGGE_ESCALATION_NOTICE_SECRETS")
    try:
        secret = (folder / name).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise NoSecretError(f"the secret {name} cannot be read ({type(error).__name__})") from error
    if not secret:
        raise NoSecretError(f"the secret {name} is empty")
    return secret


def mail_of(target: NoticeTarget, notice: Notice, sender: str, now: datetime) -> EmailMessage:
    """The notice as a mail; its Message-ID is the same at every attempt."""
    mail = EmailMessage()
    mail["Subject"] = notice.text.subject
    mail["From"] = sender
    mail["To"] = ", ".join(target.addresses)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2].rstrip('>') or 'wangge'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail[EVENT] = notice.event
    mail.set_content(notice.text.body)
    return mail


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Sinks]:
    """All channels. The system's certificates are trusted; proxies and redirects are not taken."""
    async with httpx.AsyncClient(
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        verify=ssl.create_default_context(),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
    ) as http:
        yield Sinks(settings, http)


def _refused(codes: Sequence[int], said: str) -> Outcome:
    fate = Fate.REFUSED if min(codes, default=0) >= PERMANENT else Fate.AWAY
    return Outcome(fate, f"{', '.join(map(str, codes))} {said}"[:300])


def _password(file: Path | None) -> str | None:
    return None if file is None else file.read_text(encoding="utf-8").strip()


async def _begin_of(answer: httpx.Response) -> bytes:
    found = b""
    if answer.status_code == HTTPStatus.NO_CONTENT:
        return found
    async for some in answer.aiter_bytes():
        found += some
        if len(found) >= READ_BYTES:
            break
    return found[:READ_BYTES]
