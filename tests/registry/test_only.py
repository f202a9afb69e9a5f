"""A service that needs one type of the registry's events passes over all others, unread."""

from typing import Any

from benchmarks.large_city import Topic, record
from shared.contracts.base import Names
from shared.contracts.calendars import Calendar, CalendarRef
from shared.contracts.registry_v1 import CalendarSet
from shared.registry.reader import RegistryReader
from tests.registry.entries import NAMES, alone, grid, matter, part, square


async def test_only_calendars_are_kept_and_the_version_is_that_of_the_topic() -> None:
    city, county = Calendar(code="9901", country="CN"), Calendar(code="990102", country="CN")
    source: Any = Topic(
        [
            record(0, matter("litter"), alone("m")),
            record(1, city, part("calendars", 1, 2)),
            record(2, grid(1, square(0, 0)), alone("g")),
            record(3, county, part("calendars", 2, 2)),
            record(4, matter("litter"), alone("n"), 2),
        ]
    )
    reader = RegistryReader("", "tests", lambda _kafka, _service: source, only=(CalendarSet,))
    await reader.start()
    try:
        found = reader.current()
        assert found.version == 4
        assert found.versions.keys() == {"calendar/9901", "calendar/990102"}
        assert await reader.at_least(4) == 4
        named = CalendarRef(code="990102", n=1)
        assert found.working_time(named, "Asia/Shanghai").zone == "Asia/Shanghai"
    finally:
        await reader.stop()


async def test_of_some_kinds_the_names_are_kept_and_nothing_else() -> None:
    later = matter("litter").model_copy(update={"names": Names(zh="新", en="new")})
    source: Any = Topic(
        [
            # Of a change that is not whole: a name is one all the same.
            record(0, matter("litter"), part("m", 1, 9)),
            record(1, grid(1, square(0, 0)), alone("g")),
            record(2, matter("noise"), alone("o")),
            record(3, later, alone("n"), 2),
        ]
    )
    reader = RegistryReader(
        "", "tests", lambda _kafka, _service: source, only=(CalendarSet,), named={"matter"}
    )
    await reader.start()
    try:
        assert reader.current().versions == {}
        assert reader.current().version == 3
        assert reader.names == {"matter/litter": later.names, "matter/noise": NAMES}
    finally:
        await reader.stop()
