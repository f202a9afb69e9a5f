"""Closed cases by the million: documents of one that was closed, again and again under other names.

They stand in the databases of all four services as if they had been handled, but not in the
topics: an audit afterwards would find that nobody reported them.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from rich.progress import Progress

from services.analytics.handlers import COLLECTION as TIMELINES
from services.dispatch.store import CASES
from shared.platform.ids import receipt_no

AT_ONCE = 1_000
PLACES = (
    ("wangge_intake", "receipts"),
    ("wangge_dispatch", CASES),
    ("wangge_escalation", "watches"),
    ("wangge_analytics", TIMELINES),
)
"""Where the documents of a case are, by database and collection."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A document of a closed case, as bytes, with the names in it that no other may have."""

    database: str
    collection: str
    whole: bytes
    incident: str
    receipt: str

    def again(self, incident: str) -> RawBSONDocument:
        """The same of another incident; its names are as long."""
        renamed = self.whole.replace(self.incident.encode(), incident.encode())
        renamed = renamed.replace(self.receipt.encode(), receipt_no(incident).encode())
        return RawBSONDocument(renamed)


def fill(mongo: str, incident: str, count: int) -> None:
    """Put down so many closed cases like this one, in every service's database, with progress.

    ``mongo`` is ``host:port``. Raises LookupError where a service has not settled that one.
    """
    client: MongoClient[Mapping[str, Any]] = MongoClient(
        f"mongodb://{mongo}", directConnection=True
    )
    with client, Progress() as progress:
        patterns = list(_patterns(client, incident))
        task = progress.add_task("closed cases", total=count)
        for start in range(0, count, AT_ONCE):
            ids = [str(uuid.uuid4()) for _ in range(min(AT_ONCE, count - start))]
            for one in patterns:
                client[one.database][one.collection].insert_many(
                    [one.again(name) for name in ids], ordered=False
                )
            progress.advance(task, len(ids))
        # Closed cases are on the disk, not on the way to it.
        client.admin.command("fsync")


def _patterns(client: "MongoClient[Mapping[str, Any]]", incident: str) -> Iterator[Pattern]:
    """What each service has of it. Raises LookupError where one has nothing, or not all sent."""
    for database, collection in PLACES:
        found = client[database][collection].find_one({"_id": incident})
        if found is None or found.get("outbox"):
            raise LookupError(f"{database}.{collection} has no settled document of {incident}")
        yield Pattern(database, collection, bson.encode(found), incident, receipt_no(incident))
