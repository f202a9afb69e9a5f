"""Who calls, from the ``Authorization`` header: the one place that reads it."""

import time
from http import HTTPStatus
from pathlib import Path

from starlette.types import Scope

from shared.platform.http import ProblemError
from shared.platform.security import ANONYMOUS, BadCredentialsError, Principal, Role, read_secret
from shared.platform.security import verify as verify_token

REMEMBERED = 4096
REMEMBER_S = 10.0
"""A token is looked at again after this long, so that one that has run out is not taken on."""


class Callers:
    """Finds the principal of a request; tokens seen lately are remembered for some seconds."""

    def __init__(self, secret_file: Path | None) -> None:
        self._secret = None if secret_file is None else read_secret(secret_file)
        self._known: dict[bytes, tuple[float, Principal]] = {}

    def of(self, scope: Scope) -> Principal:
        """The caller; anonymous without the header. Raises ProblemError 401 ``bad_credentials``."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                return self._known_or_verified(value)
        return ANONYMOUS

    def required(self, scope: Scope) -> Principal:
        """The caller, who must not be anonymous; raises ProblemError 401."""
        caller = self.of(scope)
        if caller is ANONYMOUS:
            raise _unauthorized(
                "credentials_required",
                "this needs credentials: send the header Authorization: Bearer <token>",
            )
        return caller

    def with_role(self, scope: Scope, role: Role) -> Principal:
        """The caller, who must have a role; raises ProblemError 401 or 403 ``role_missing``."""
        caller = self.required(scope)
        if role not in caller.roles:
            raise ProblemError(
                HTTPStatus.FORBIDDEN, "role_missing", f"this needs the role {role.value}"
            )
        return caller

    def _known_or_verified(self, header: bytes) -> Principal:
        now = time.monotonic()
        found = self._known.get(header)
        if found is not None and found[0] > now:
            return found[1]
        caller = self._verified(header)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[header] = (now + REMEMBER_S, caller)
        return caller

    def _verified(self, header: bytes) -> Principal:
        scheme, _, token = header.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            raise _unauthorized("bad_credentials", "only Authorization: Bearer <token> is known")
        if self._secret is None:
            raise _unauthorized(
                "bad_credentials",
                "this service has no secret to check tokens with; set WANGGE_SECRET_FILE",
            )
        try:
            return verify_token(self._secret, token.strip())
        except BadCredentialsError as error:
            raise _unauthorized(
                "bad_credentials", f"the token is not valid here ({error}); get a new one"
            ) from error


def _unauthorized(code: str, detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED, code, detail, {"WWW-Authenticate": 'Bearer realm="wangge"'}
    )
