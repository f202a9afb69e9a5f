"""Pure: dead letters, and which of them are a problem."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.problems import Problem
from shared.contracts.dead_letters_v1 import RecordDied

KEPT = 100_000
"""So many letters are looked at one by one; more than that is a problem of its own."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that a service put away: where it stands, why, and which event it is, if it is one.

    ``about`` are the documents that it may belong to: named by the service, its key, its subject.
    """

    service: str
    topic: str
    partition: int
    offset: int
    code: str
    error: str
    event_id: str | None
    about: frozenset[str]

    @property
    def coordinates(self) -> tuple[str, int, int]:
        """Topic, partition, offset of the record."""
        return self.topic, self.partition, self.offset


@dataclass(slots=True)
class Letters:
    """The letters that were read, each once, by what they are about and by who put them away."""

    by_document: dict[str, list[Letter]] = field(default_factory=dict)
    by_service: dict[str, set[tuple[str, int, int]]] = field(default_factory=dict)
    listed: list[Letter] = field(default_factory=list)
    beyond: int = 0

    def put(self, letter: Letter) -> None:
        """Note one; the same record put away by the same service again is one letter."""
        away = self.by_service.setdefault(letter.service, set())
        if letter.coordinates in away:
            return
        if len(self.listed) >= KEPT:
            self.beyond += 1
            return
        away.add(letter.coordinates)
        self.listed.append(letter)
        for document in letter.about:
            self.by_document.setdefault(document, []).append(letter)

    def of(self, service: str) -> frozenset[tuple[str, int, int]]:
        """The coordinates of the records that a service put away."""
        return frozenset(self.by_service.get(service, ()))


def _text(encoded: str | None) -> str | None:
    return None if encoded is None else b64decode(encoded).decode("utf-8", "replace")


def letter(died: RecordDied) -> Letter:
    """What a dead letter says."""
    headers = {name: _text(value) for name, value in died.headers}
    about = (died.document_id, _text(died.key), headers.get("ce_subject"))
    return Letter(
        service=died.service,
        topic=died.topic,
        partition=died.partition,
        offset=died.offset,
        code=died.code,
        error=died.error,
        event_id=headers.get("ce_id"),
        about=frozenset(one for one in about if one),
    )


def unresolved(
    subject: str, found: Iterable[Letter], documents: Mapping[str, Mapping[str, Any] | None]
) -> list[Problem]:
    """Letters of an accepted incident whose event its service has not taken since (a replay).

    ``documents`` are the incident's documents by service.
    """
    problems: list[Problem] = []
    for one in found:
        raw = documents.get(one.service)
        if raw is not None and one.event_id in raw["seen"]:
            continue
        where = "/".join(map(str, one.coordinates))
        detail = f"{one.service} put {where} away, {one.code}: {one.error[:200]}"
        problems.append(Problem("dead_letter", subject, detail))
    return problems
