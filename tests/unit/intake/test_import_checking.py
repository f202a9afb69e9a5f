"""What an import brings is looked at whenever something of it begins or ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.intake import import_checking
from services.intake.domain.change import Candidate
from services.intake.domain.entry_rules import as_json
from services.intake.domain.findings import Finding
from services.intake.import_checking import ImportChecking, TooManyInstantsError
from services.intake.registry_writer import ENTRY
from shared.contracts.registry_v1 import Grid, entry_key
from shared.registry.snapshot import Snapshot
from shared.registry.spans import NOT_SAID, Span
from tests.fakes.registry import FakeRegistry
from tests.unit.intake.driving import NOW
from tests.unit.intake.entries import area, grid, unit
from tests.unit.intake.test_withdrawing import version

DAY = timedelta(days=1)
SOON, LATER = NOW + 10 * DAY, NOW + 20 * DAY
COMMUNITY = "990101001001"
SIZE = 0.01
ANOTHER = {"id": "another", "part": 1, "count": 1}


def square(serial: int, x: float, y: float, wide: float = SIZE) -> dict[str, Any]:
    west, south = 120 + x * SIZE, 30 + y * SIZE
    ring = [
        [west, south], [west + wide, south], [west + wide, south + SIZE],
        [west, south + SIZE], [west, south],
    ]  # fmt: skip
    return grid(f"{COMMUNITY}{serial:03}", geometry={"type": "Polygon", "coordinates": [ring]})


AROUND = [square(n, n % 3, n // 3) for n in range(9)]
"""Nine squares; number 4 is in the middle."""
MIDDLE = AROUND[4]
BESIDE = [area(COMMUNITY[:digits]) for digits in (4, 6, 9, 12)] + [
    unit("team", COMMUNITY, unit_kind="officer_team"),
    {"kind": "officer", "code": "o-1", "unit": "team", "role": "officer"},
]


def wanted(raw: dict[str, Any], span: Span = NOT_SAID) -> Candidate:
    entry = ENTRY.validate_python(raw)
    return Candidate(0, entry_key(entry), as_json(entry), span=span)


def registry(entries: Iterable[dict[str, Any]], *more: Any) -> Snapshot:  # noqa: ANN401
    versions = [
        version(raw, n=1, valid_from=NOW - DAY, change={"id": f"c{n}", "part": 1, "count": 1})
        for n, raw in enumerate([*BESIDE, *entries])
    ]
    return Snapshot().with_changes([*versions, *more], 100)


async def findings(
    there: Snapshot, *changing: Candidate, at: datetime = NOW, now: datetime = NOW
) -> list[Finding]:
    return await ImportChecking(FakeRegistry(there), "UTC").findings(changing, at, now)


def codes(found: Iterable[Finding]) -> list[str]:
    return [one.code.value for one in found]


async def test_a_grid_that_ends_leaves_its_gap_then() -> None:
    (gap,) = await findings(registry(AROUND), wanted(MIDDLE, Span(None, SOON)))
    assert gap.code == "gap"
    assert gap.en.startswith("from 2026-03-12T")
    assert gap.zh.startswith("自 2026-03-12T")


async def test_a_city_whose_middle_ends_has_a_gap_from_then_on() -> None:
    changing = [wanted(one, Span(None, SOON if one is MIDDLE else None)) for one in AROUND]
    assert codes(await findings(registry([]), *changing)) == ["gap"]


async def test_two_halves_that_begin_when_the_whole_ends_bring_nothing() -> None:
    halves = [square(4, 1, 1, SIZE / 2), square(11, 1.5, 1, SIZE / 2)]
    halves[0]["code"] = f"{COMMUNITY}010"
    changing = [
        wanted(MIDDLE, Span(None, SOON)), *(wanted(one, Span(SOON, None)) for one in halves)
    ]  # fmt: skip
    assert await findings(registry(AROUND), *changing) == []
    early = [*changing[:2], wanted(halves[1], Span(NOW + DAY, None))]
    (overlap,) = await findings(registry(AROUND), *early)
    assert (overlap.code, overlap.codes) == ("overlap", (MIDDLE["code"], f"{COMMUNITY}011"))


async def test_what_is_wrong_at_several_instants_is_told_once() -> None:
    upon = square(20, 1, 1)
    changing = [wanted(upon), wanted(square(21, 7, 7), Span(SOON, None))]
    assert codes(await findings(registry(AROUND), *changing)) == ["overlap"]


async def test_an_end_that_was_scheduled_and_is_taken_away_is_seen_where_it_was() -> None:
    # The middle is merged into its neighbour from then on; somebody renames it meanwhile.
    wide = version(
        square(3, 0, 1, 2 * SIZE), n=2, valid_from=SOON, change={"id": "m", "part": 1, "count": 2}
    )
    ends = version(
        MIDDLE, n=2, valid_from=NOW - DAY, valid_until=SOON,
        change={"id": "m", "part": 2, "count": 2},
    )  # fmt: skip
    renamed = MIDDLE | {"names": {"zh": "新", "en": "new"}}
    (overlap,) = await findings(registry(AROUND, wide, ends), wanted(renamed))
    assert (overlap.code, overlap.codes) == ("overlap", (AROUND[3]["code"], MIDDLE["code"]))
    assert await findings(registry(AROUND, wide, ends), wanted(renamed, Span(None, SOON))) == []


async def test_what_began_long_ago_is_compared_with_what_is_there_now() -> None:
    upon = square(20, 1, 1)
    assert codes(await findings(registry(AROUND), wanted(upon, Span(NOW - 99 * DAY, None)))) == [
        "overlap"
    ]


async def test_at_more_instants_than_a_few_nothing_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_checking, "MAX_INSTANTS", 2)
    changing = [wanted(one, Span(NOW + n * DAY, None)) for n, one in enumerate(AROUND[:3])]
    with pytest.raises(TooManyInstantsError, match="at 3 instants, 2 are compared"):
        await findings(registry([]), *changing)


def test_a_grid_that_is_drawn_without_an_officer_is_named() -> None:
    officer = {"kind": "officer", "code": "o-1", "unit": "team", "role": "officer"}
    named = officer | {"grids": [MIDDLE["code"]]}
    there = registry(AROUND, version(named, n=2, valid_from=NOW, change=ANOTHER))
    drawn = [ENTRY.validate_python(one) for one in (MIDDLE, square(50, 1.5, 1))]
    grids = [one for one in drawn if isinstance(one, Grid)]
    checking = ImportChecking(FakeRegistry(there), "UTC")
    assert [one.codes for one in checking.without_officer(grids, NOW)] == [(f"{COMMUNITY}050",)]
    assert checking.without_officer(grids, NOW - DAY / 2) == [], "its team has one for all"
