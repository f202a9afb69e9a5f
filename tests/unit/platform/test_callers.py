"""Who calls is found from the header; nothing else makes somebody of anybody."""

from pathlib import Path

import pytest

from shared.platform import callers as module
from shared.platform import security
from shared.platform.callers import Callers
from shared.platform.http import ProblemError
from shared.platform.security import ANONYMOUS, Principal, Role, mint

SECRET = b"0123456789abcdef0123456789abcdef"
MEMBER = Principal(subject="m-1", roles=frozenset({Role.UNIT_MEMBER}), unit="u-1", area="9901")
FORGED = mint(b"another secret, as long as one is", MEMBER)


@pytest.fixture
def callers(tmp_path: Path) -> Callers:
    (tmp_path / "secret").write_bytes(SECRET)
    return Callers(tmp_path / "secret")


def scope(header: str | None) -> dict[str, object]:
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    return {"type": "http", "headers": headers}


def test_a_token_says_who_calls_also_the_second_time(callers: Callers) -> None:
    asked = scope(f"Bearer {mint(SECRET, MEMBER)}")
    assert callers.of(asked) == callers.of(asked) == MEMBER
    assert callers.required(asked) == MEMBER
    assert callers.with_role(asked, Role.UNIT_MEMBER) == MEMBER


def test_without_a_header_the_caller_is_anonymous(callers: Callers) -> None:
    assert callers.of(scope(None)) is ANONYMOUS
    with pytest.raises(ProblemError) as raised:
        callers.required(scope(None))
    assert (raised.value.status, raised.value.code) == (401, "credentials_required")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic YTpi",
        f"Bearer {mint(b'another secret' * 3, MEMBER)}",
        "\xff",
    ],
)
def test_bad_credentials_are_nobodys(callers: Callers, header: str) -> None:
    with pytest.raises(ProblemError) as raised:
        callers.of(scope(header))
    assert (raised.value.status, raised.value.code) == (401, "bad_credentials")
    assert "WWW-Authenticate" in raised.value.headers


def test_a_missing_role_is_named(callers: Callers) -> None:
    with pytest.raises(ProblemError) as raised:
        callers.with_role(scope(f"Bearer {mint(SECRET, MEMBER)}"), Role.REGISTRY_ADMINISTRATOR)
    assert (raised.value.status, raised.value.code) == (403, "role_missing")
    assert "registry_administrator" in raised.value.detail


def test_without_a_secret_no_token_is_believed() -> None:
    with pytest.raises(ProblemError) as raised:
        Callers(None).of(scope(f"Bearer {mint(SECRET, MEMBER)}"))
    assert "WANGGE_SECRET_FILE" in raised.value.detail


def test_a_token_is_looked_at_again_and_few_are_remembered(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def verify(secret: bytes, token: str) -> Principal:
        looked.append(token)
        return security.verify(secret, token)

    monkeypatch.setattr(module, "verify_token", verify)
    monkeypatch.setattr(module, "REMEMBERED", 2)
    tokens = [mint(SECRET, Principal(subject=f"m-{n}")) for n in range(3)]
    for token in [tokens[0], tokens[0], tokens[1], tokens[2], tokens[0]]:
        callers.of(scope(f"Bearer {token}"))
    assert looked == [tokens[0], tokens[1], tokens[2], tokens[0]]
    monkeypatch.setattr(module, "REMEMBER_S", 0.0)
    fresh = mint(SECRET, Principal(subject="m-9"))
    callers.of(scope(f"Bearer {fresh}"))
    callers.of(scope(f"Bearer {fresh}"))
    assert looked.count(fresh) == 2
