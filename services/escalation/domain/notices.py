"""Which notices an event makes: to whom, and what they say."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.escalation.domain.about import ORDER_AGAIN, ORDER_CONVEYED, About, about, of_test
from services.escalation.domain.wording import Text, Writer
from shared.contracts.base import Contract, Instant
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import LIFTED, MarkWithdrawn
from shared.contracts.notice_targets import NoticeTarget, Occasion
from shared.platform.ids import caused_id

KEPT = timedelta(hours=24)
"""So long after what it tells is a notice worth something; then nobody is told any more."""
TAKES_BACK = (MarkWithdrawn, *LIFTED)
"""What says that something told before holds no more."""
TELL_OF_IT = frozenset({Occasion.ORDERED, ORDER_AGAIN, ORDER_CONVEYED})
OF_ORDERS = TELL_OF_IT | {Occasion.LIFTED}


class Notice(Contract):
    """A notice to one target; what it says was decided when its event was read."""

    id: str
    """Of the event and the target: the same again when that is read again."""
    event: str
    """The id of the event."""
    target: str
    """The code of the target."""
    area: str
    """The area of the target."""
    channel: str
    """Its channel."""
    at: Instant
    """When happened what it tells; of what is taken back, when that was known."""
    expires_at: Instant
    """From when on it is not sent any more."""
    about: About
    """What it tells, as data."""
    text: Text
    """And in words."""


def notices(
    event: Event[Any],
    targets: Iterable[NoticeTarget],
    writer: Writer,
    now: datetime,
    published: datetime | None = None,
) -> list[Notice]:
    """The notices of an event; none of one that is not worth a notice, or too old.

    ``published``: when its record was written. What takes something back grows old from then on: it
    may have taken effect long before anybody knew, and what it takes back was told meanwhile.
    """
    told = about(event)
    since = published or event.time if isinstance(event.data, TAKES_BACK) else event.time
    if told is None or now >= since + KEPT:
        return []
    return [_notice(event.id, told, one, writer, since) for one in targets if is_told(one, told)]


def trial(target: NoticeTarget, writer: Writer, now: datetime) -> Notice:
    """A notice that tells nothing but that it arrives."""
    event = caused_id("test", target.code, now.isoformat())
    return _notice(event, of_test(target, now), target, writer, now)


def is_told(target: NoticeTarget, told: About) -> bool:
    """Whether a target gets a notice of that."""
    place = told.grid or told.issuer_area
    if place is None or not place.startswith(target.area):
        return False
    units = {told.unit, *(one.unit for one in told.tell or ())}
    if target.unit is not None and target.unit not in units:
        return False
    if told.number is not None and not target.reminders:
        return False
    if told.colour is not None:
        return target.notices and told.colour.rank >= target.min_colour.rank
    level = told.level if told.occasion in OF_ORDERS else None
    if level is not None and level.rank < target.min_level.rank:
        return False
    occasion = Occasion.ORDERED if told.occasion in TELL_OF_IT else told.occasion
    return occasion in target.occasions


def _notice(
    event: str, told: About, target: NoticeTarget, writer: Writer, since: datetime
) -> Notice:
    return Notice(
        id=caused_id("notice", event, target.code),
        event=event,
        target=target.code,
        area=target.area,
        channel=target.channel,
        at=since,
        expires_at=since + KEPT,
        about=told,
        text=writer.text(told, target.language, target.zone),
    )
