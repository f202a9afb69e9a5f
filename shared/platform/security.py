"""Who a caller is: found in one place, from the credentials, never from a body."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import jwt

from shared.contracts import base
from shared.contracts.base import Actor
from shared.contracts.roles import Role

__all__ = [
    "ANONYMOUS",
    "BadCredentialsError",
    "Principal",
    "Role",
    "Scope",
    "mint",
    "read_secret",
    "verify",
]
ALGORITHM = "HS256"
ISSUER = "wangge"


class Scope(StrEnum):
    """What a caller may do beside its roles."""

    IMPORT = "import"
    """Report history at its own instants."""


class BadCredentialsError(Exception):
    """The credentials are not ours, are damaged or have run out."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: a pseudonymous subject, its roles and scopes, its unit and area if it has any."""

    subject: str
    roles: frozenset[Role] = frozenset({Role.REPORTER})
    scopes: frozenset[Scope] = frozenset()
    unit: str | None = None
    area: str | None = None

    def actor(self) -> Actor:
        """The caller as events name it."""
        return Actor(
            subject=self.subject,
            roles=tuple(sorted(self.roles)),
            unit=self.unit,
            area=self.area,
        )


ANONYMOUS = Principal(subject=base.ANONYMOUS)
"""Whoever shows no credentials reports as anybody; its Idempotency-Keys share one scope."""


def mint(secret: bytes, principal: Principal) -> str:
    """A bearer token (JWT, HS256) that says who its holder is."""
    claims = {
        "iss": ISSUER,
        "sub": principal.subject,
        "roles": sorted(principal.roles),
        "scopes": sorted(principal.scopes),
        "unit": principal.unit,
        "area": principal.area,
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def verify(secret: bytes, token: str) -> Principal:
    """The principal of a token; raises BadCredentialsError."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={"require": ["iss", "sub"]},
        )
        return Principal(
            subject=claims["sub"],
            roles=frozenset(map(Role, claims.get("roles", ()))),
            scopes=frozenset(map(Scope, claims.get("scopes", ()))),
            unit=claims.get("unit"),
            area=claims.get("area"),
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise BadCredentialsError(str(error)) from error


def read_secret(path: Path) -> bytes:
    """The signing secret; raises ValueError when it is too short to be one."""
    secret = path.read_text().strip().encode()
    if len(secret) < 32:  # noqa: PLR2004 - RFC 7518 3.2: as long as the hash
        message = f"{path} holds {len(secret)} bytes, a secret has 32 at least"
        raise ValueError(message)
    return secret
