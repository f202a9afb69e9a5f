"""What a target of notices must keep to: it can be reached, and tells no secret."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from shared.contracts.notice_targets import Channel, NoticeTarget

SECRET_WORDS = frozenset({
    "access_token", "apikey", "api_key", "key", "password", "secret", "sign", "signature", "token",
})  # fmt: skip
"""Parameters of an address that are secrets: a robot's address has one."""


def mistakes(target: NoticeTarget) -> Iterator[tuple[str, str]]:
    """What is wrong: a stable code, and what to do."""
    where = f"notice_target {target.code}"
    if target.channel is Channel.EMAIL:
        yield from _mail(target, where)
        return
    if target.addresses:
        yield "addresses_unused", f"{where}: only e-mail has addresses"
    if target.secret is None:
        yield (
            "no_secret",
            (
                f"{where}: name the secret by which it is signed or let in (secret: a name); the "
                "secret itself lies in a file of that name at escalation, never in the registry"
            ),
        )
    if target.url is not None:
        yield from _url(target.url, where)
    elif target.channel is Channel.WEBHOOK:
        yield "no_url", f"{where}: a webhook needs a url"


def _mail(target: NoticeTarget, where: str) -> Iterator[tuple[str, str]]:
    if not target.addresses:
        yield "no_address", f"{where}: e-mail needs addresses"
    if target.url is not None or target.secret is not None:
        yield (
            "url_unused",
            (
                f"{where}: e-mail has no url and no secret; the server that sends it is a setting "
                "of escalation"
            ),
        )


def _url(url: str, where: str) -> Iterator[tuple[str, str]]:
    try:
        found = urlsplit(url)
        host, _ = found.hostname, found.port
    except ValueError:
        found, host = urlsplit(""), None
    if not host or any(one.isspace() for one in url):
        yield "invalid_url", f"{where}: {url[:80]!r} is no address like https://host/path"
        return
    if found.scheme != "https" and not (found.scheme == "http" and _is_here(host)):
        yield (
            "insecure_url",
            (
                f"{where}: only https, or http on this machine (127.0.0.1, localhost), not "
                f"{found.scheme}://{host}"
            ),
        )
    words = {name.lower() for name, _ in parse_qsl(found.query, keep_blank_values=True)}
    if found.username or found.password or words & SECRET_WORDS:
        yield (
            "secret_in_url",
            (
                f"{where}: leave keys, tokens and passwords out of the url, everybody reads the "
                "registry; put them into the file that secret names"
            ),
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
