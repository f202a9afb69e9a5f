"""Golden examples of ``wangge.dead-letters.v1``."""

from base64 import b64encode

from shared.contracts.dead_letters_v1 import RecordDied, RecordReplayed
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, MINIMAL, Example, minutes
from shared.platform import ids

PLACE = "wangge.incidents.v1/7/123"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _died(*, full: bool) -> RecordDied:
    record = {
        "key": _base64(story.INCIDENT),
        "value": _base64("{"),
        "document_id": story.INCIDENT,
    }
    return RecordDied(
        service="dispatch",
        topic="wangge.incidents.v1",
        partition=7,
        offset=123,
        timestamp=story.RECEIVED,
        headers=(("ce_id", _base64("not an id")),) if full else (),
        code="undecodable",
        error="header ce_specversion is missing",
        **(record if full else {}),
    )


def _replayed() -> RecordReplayed:
    return RecordReplayed(
        letter_id=ids.caused_id("dispatch", "dead", PLACE, "undecodable", "no JSON"),
        service="dispatch",
        topic="wangge.incidents.v1",
        partition=7,
        offset=123,
        replayed_as=124,
    )


def examples() -> list[Example]:
    """A record with all its parts, one that has nearly none, and one that was sent again."""
    died = [
        story.example(name, _died(full=name == FULL), at=minutes(1), sequence=1, subject=PLACE)
        for name in (FULL, MINIMAL)
    ]
    replayed = [
        story.example(name, _replayed(), at=minutes(2), sequence=1, subject=PLACE)
        for name in (FULL, MINIMAL)
    ]
    return [*died, *replayed]
