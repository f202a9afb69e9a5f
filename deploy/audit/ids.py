"""Whose each id is: of all subjects together, kept outside memory."""

from collections.abc import Sequence
from hashlib import blake2b

from deploy.audit.history import History
from deploy.audit.problems import Problem
from deploy.audit.scratch import Scratch

DIGEST_BYTES = 16


class Ids(Scratch):
    """Each id once, with its subject."""

    SCHEMA = "CREATE TABLE known (id BLOB PRIMARY KEY, subject TEXT) WITHOUT ROWID"

    def put(self, history: History) -> list[Problem]:
        """Note the ids of a subject; a problem for each that another subject has."""
        digests = {_digest(event.id): event.id for event in history.all()}
        rows = [(digest, history.subject) for digest in digests]
        done = self._database.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", rows)
        if done.rowcount == len(rows):
            return []
        return [
            Problem("two_contents", history.subject, f"event {digests[digest]} is also of {other}")
            for digest in digests
            if (other := self._of(digest)) != history.subject
        ]

    def _of(self, digest: bytes) -> str:
        found: Sequence[str] = self._database.execute(
            "SELECT subject FROM known WHERE id = ?", (digest,)
        ).fetchone()
        return found[0]


def _digest(event_id: str) -> bytes:
    return blake2b(event_id.encode(), digest_size=DIGEST_BYTES).digest()
