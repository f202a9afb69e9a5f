"""Watches follow work calendars in the ledger, on its fakes: found by their columns, told once."""

import json
import uuid

from services.escalation.domain.deciding import WALKS
from services.escalation.domain.watch import Watch
from shared.contracts.base import Limits
from shared.contracts.calendars import Calendar, SpecialDays
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.golden.story import CITY
from shared.contracts.topics import ESCALATIONS
from shared.ledger.walker import Walker
from tests.fakes.registry import FakeRegistry
from tests.unit.escalation.by_china import (
    BY_CHINA,
    CHINA,
    china,
    working_days,
)
from tests.unit.escalation.story import (
    Story,
    hours,
)
from tests.unit.escalation.test_partition_time import Shift

TYPHOON = Calendar(
    code=CITY, country="CN", overrides=(SpecialDays(days=("2026-03-03",), working=False),)
)


def case(limits: Limits) -> Story:
    name = str(uuid.uuid4())
    return Story(limits, registry=CHINA, calendar=BY_CHINA, incident=name).begin()


def recounted(shift: Shift) -> list[ClocksChanged]:
    found = [
        ClocksChanged.model_validate(json.loads(record.value or b""))
        for record in shift.log.read(ESCALATIONS.name)
        if ("ce_type", ClocksChanged.TYPE.encode()) in record.headers
    ]
    return [one for one in found if one.recounted]


async def test_open_watches_with_a_clock_in_working_time_are_walked_and_no_others() -> None:
    working = [case(Limits(handle=working_days(1))) for _ in range(3)]
    natural, over = case(Limits(handle=hours(10))), case(Limits(handle=working_days(1)))
    over.hand_back()
    over.close()
    registry = FakeRegistry(CHINA, end=0)
    shift = Shift(registry=registry)
    for story in (*working, natural, over):
        shift.append(*story.inputs)
    await shift.handle()
    walker: Walker[Watch] = Walker(shift.ticker.processor, WALKS)
    assert await walker.round() == 0
    registry.snapshot = china(TYPHOON)
    assert await walker.round() == 3
    assert {one.incident_id for one in recounted(shift)} == {one.incident for one in working}
    assert await walker.round() == 0
    fields = shift.store.all()
    assert {fields[one.incident]["calendar_n"] for one in working} == {2}
    assert not fields[natural.incident]["open"]


async def test_what_was_filed_under_the_old_version_meanwhile_is_walked_as_it_comes() -> None:
    registry = FakeRegistry(china(TYPHOON), end=1)
    shift = Shift(registry=registry)
    walker: Walker[Watch] = Walker(shift.ticker.processor, WALKS)
    assert await walker.round() == 0
    late = case(Limits(handle=working_days(1)))
    shift.append(*late.inputs)
    await shift.handle()
    shift.clock.forward(61)  # all is looked at again
    assert await walker.round() == 1
    (told,) = recounted(shift)
    assert told.clocks[0].due_at == late.clock(told.clocks[0].clock).due_at.replace(day=4)
