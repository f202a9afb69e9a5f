"""Golden examples of ``wangge.dead-letters.v1``."""

from base64 import b64encode

from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, MINIMAL, Example, minutes


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


def examples() -> list[Example]:
    """A record with all its parts, and one that has neither key, headers nor value."""
    place = "wangge.incidents.v1/7/123"
    return [
        story.example(name, _died(full=name == FULL), at=minutes(1), sequence=1, subject=place)
        for name in (FULL, MINIMAL)
    ]
