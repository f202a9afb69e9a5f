"""Which cases have followers, and which are void: of all incidents, kept outside memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.audit.problems import Problem
from deploy.audit.scratch import Scratch

BATCH = 500
LOOK_AGAIN_WITHIN = timedelta(seconds=60)
"""So long after its case was declared void a follower is decided again, where few are void."""
EACH_VOID = timedelta(milliseconds=10)
"""As much longer for each case that is void: dispatch goes through them all, again and again."""


class Followers(Scratch):
    """The earliest follower of each case that has any, and since when cases are void."""

    SCHEMA = """
    CREATE TABLE link (first TEXT PRIMARY KEY, follower TEXT, since TEXT) WITHOUT ROWID;
    CREATE TABLE void (id TEXT PRIMARY KEY, since TEXT) WITHOUT ROWID;
    """

    def follow(self, first: str, follower: str, since: datetime) -> None:
        """Note a follower of an incident's case."""
        self._database.execute(
            "INSERT INTO link VALUES (?, ?, ?) ON CONFLICT (first) DO UPDATE "
            "SET follower = excluded.follower, since = excluded.since "
            "WHERE excluded.since < since",
            (first, follower, _text(since)),
        )

    def void(self, subject: str, since: datetime) -> None:
        """Note an incident whose case is none any more."""
        self._database.execute("INSERT INTO void VALUES (?, ?)", (subject, _text(since)))

    def batches(self) -> Iterator[dict[str, str]]:
        """A follower by each case that has any, some at a time."""
        found = self._database.execute("SELECT first, follower FROM link")
        while rows := found.fetchmany(BATCH):
            yield dict(rows)

    def left_behind(self, began: datetime) -> Iterator[Problem]:
        """Followers of what was void, and theirs, for long when the audit began.

        A follower may have been linked after that: two processes know nothing of each other.
        """
        (count,) = self._database.execute("SELECT count(*) FROM void").fetchone()
        before = _text(began - LOOK_AGAIN_WITHIN - count * EACH_VOID)
        query = (
            "SELECT follower, first, max(void.since, link.since) AS both FROM link "
            "JOIN void ON void.id = link.first WHERE both < ?"
        )
        for follower, first, since in self._database.execute(query, (before,)):
            yield Problem("first_void", follower, f"it follows {first}, void, since {since}")


def _text(instant: datetime) -> str:
    """As text that is in order as instants are, all of them being UTC."""
    return instant.isoformat(timespec="milliseconds")
