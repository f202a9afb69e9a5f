"""Development keys: a secret of this stack, and a bearer token for each role signed with it."""

import json
import secrets
from base64 import b64encode
from pathlib import Path

from deploy.local import private
from deploy.local.paths import Home
from shared.platform.security import Principal, Role, Scope, mint, read_secret

SECRET_BYTES = 32
IMPORTER = "importer"
"""The name of the key of a reporter that may report history at its own instants."""

DEMO = "demo"
"""The name of the secret of the target of notices that one tries them with."""


def ensure(home: Home) -> Path:
    """Make the secret and the keys of a home if they are missing; give the secret's path."""
    home.root.mkdir(parents=True, exist_ok=True)
    if not home.secret.exists():
        private.write(home.secret, secrets.token_hex(SECRET_BYTES))
    if not home.keys.exists():
        private.write(home.keys, json.dumps(tokens(read_secret(home.secret)), indent=2))
    home.notice_secrets.mkdir(mode=0o700, exist_ok=True)
    if not (demo := home.notice_secrets / DEMO).exists():
        private.write(demo, f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}")
    return home.secret


def tokens(secret: bytes) -> dict[str, str]:
    """A token for each role, bound to no unit and no area, and one for imports of history."""
    principals = {
        role.value: Principal(subject=f"dev-{role.value}", roles=frozenset({role})) for role in Role
    }
    principals[IMPORTER] = Principal(
        subject=f"dev-{IMPORTER}",
        roles=frozenset({Role.REPORTER}),
        scopes=frozenset({Scope.IMPORT}),
    )
    return {name: mint(secret, principal) for name, principal in principals.items()}


def load(home: Home) -> dict[str, str]:
    """The tokens by role, as `ensure` wrote them."""
    found: dict[str, str] = json.loads(home.keys.read_text(encoding="utf-8"))
    return found
