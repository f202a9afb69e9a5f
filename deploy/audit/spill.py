"""One partition's records and documents, kept by subject outside memory while it is audited."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from deploy.audit.scratch import Scratch
from shared.ledger.ports import Record

AS_READ: CodecOptions[Mapping[str, Any]] = CodecOptions(tz_aware=True)
INDEXES = """
CREATE INDEX by_subject ON record (subject, topic, place);
CREATE INDEX by_id ON document (id);
"""


class Spill(Scratch):
    """Records by subject and topic, documents by id."""

    SCHEMA = """
    CREATE TABLE record (subject TEXT, topic TEXT, place INTEGER, raw BLOB);
    CREATE TABLE document (owner TEXT, id TEXT, raw BLOB);
    """

    def put_records(self, records: Iterable[tuple[str, Record]]) -> None:
        """Keep records, each with its subject."""
        rows = ((subject, one.topic, one.offset, _packed(one)) for subject, one in records)
        self._database.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", rows)

    def put_documents(self, owner: str, documents: Iterable[bytes]) -> None:
        """Keep an owner's documents as they were read."""
        rows = ((owner, RawBSONDocument(one)["_id"], one) for one in documents)
        self._database.executemany("INSERT INTO document VALUES (?, ?, ?)", rows)

    def subjects(
        self, topics: Sequence[str]
    ) -> Iterator[tuple[str, list[Record], dict[str, Mapping[str, Any]]]]:
        """Each subject with its records (topics in this order) and its documents by owner.

        What is put in afterwards is not seen.
        """
        self._database.executescript(INDEXES)
        order = {topic: number for number, topic in enumerate(topics)}
        every = self._database.execute("SELECT subject FROM record UNION SELECT id FROM document")
        for (subject,) in every:
            records = [
                _unpacked(topic, place, raw)
                for topic, place, raw in self._database.execute(
                    "SELECT topic, place, raw FROM record WHERE subject = ?", (subject,)
                )
            ]
            records.sort(key=lambda one: (order.get(one.topic, len(order)), one.offset))
            documents: dict[str, Mapping[str, Any]] = {
                owner: bson.decode(raw, AS_READ)
                for owner, raw in self._database.execute(
                    "SELECT owner, raw FROM document WHERE id = ?", (subject,)
                )
            }
            yield subject, records, documents


def _packed(record: Record) -> bytes:
    headers = [list(pair) for pair in record.headers]
    packed: bytes = bson.encode(
        {
            "p": record.partition,
            "t": record.timestamp,
            "k": record.key,
            "h": headers,
            "v": record.value,
        }
    )
    return packed


def _unpacked(topic: str, offset: int, raw: bytes) -> Record:
    found = bson.decode(raw)
    headers = [(name, value) for name, value in found["h"]]
    return Record(topic, found["p"], offset, found["t"], found["k"], found["v"], headers)
