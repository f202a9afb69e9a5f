"""What is sent becomes a report in WGS 84; where its reporter was is told in bands, never kept."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.coordinates import gcj02_to_bd09, wgs84_to_gcj02
from services.intake.domain.report_body import band
from services.intake.http.door import parse
from services.intake.http.incidents import REPORT
from shared.contracts.incidents_v1 import CoordinateSystem, DistanceBand, Report
from shared.platform.http import ProblemError
from shared.registry.distance import metres

HERE = (120.15, 30.27)
A_DEGREE_M = metres(*HERE, HERE[0], HERE[1] + 1)


def sent(**fields: object) -> Report:
    return parse(REPORT, orjson.dumps(fields)).report()


def point(place: tuple[float, float]) -> dict[str, object]:
    return {"type": "Point", "coordinates": place}


def north_of(distance_m: float) -> dict[str, object]:
    return point((HERE[0], HERE[1] + distance_m / A_DEGREE_M))


def test_without_a_system_a_location_is_taken_as_it_stands() -> None:
    plain = {"matter": "litter", "location": point(HERE), "source": "officer"}
    found = sent(**plain)
    assert found == Report.model_validate(plain)
    assert sent(**plain, location_system="wgs84") == found


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("gcj02", wgs84_to_gcj02(HERE)),
        ("bd09", gcj02_to_bd09(wgs84_to_gcj02(HERE))),
        ("cgcs2000", HERE),
    ],
)
def test_another_system_is_brought_to_wgs84_and_what_was_sent_is_kept(
    system: str, place: tuple[float, float]
) -> None:
    found = sent(location=point(place), location_system=system, description="坏了")
    assert found.location is not None
    assert found.sent_location is not None
    assert metres(*found.location.coordinates, *HERE) < 0.1
    assert (found.sent_location.system, found.sent_location.coordinates) == (system, place)
    assert found.description == "坏了"
    assert sent(location=point(place), location_system=system, description="坏了") == found
    assert Report.model_validate_json(found.model_dump_json(exclude_none=True)) == found


@pytest.mark.parametrize(
    ("distance_m", "word"),
    [(0, "at_the_place"), (49.9, "at_the_place"), (50.1, "near_by"), (499, "near_by"),
     (501, "away"), (90_000, "away")],
)  # fmt: skip
def test_a_position_becomes_a_band(distance_m: float, word: str) -> None:
    found = sent(location=point(HERE), position=north_of(distance_m))
    assert found.reporter_distance == word
    kept = found.model_dump_json(exclude_none=True)
    assert "position" not in kept
    assert distance_m == 0 or str(HERE[1] + distance_m / A_DEGREE_M) not in kept


def test_a_position_is_in_the_system_of_the_location() -> None:
    moved = point(wgs84_to_gcj02(HERE))
    assert metres(*wgs84_to_gcj02(HERE), *HERE) > 400
    found = sent(location=moved, position=moved, location_system="gcj02")
    assert found.reporter_distance is DistanceBand.AT_THE_PLACE


def test_a_position_without_a_location_gives_nothing() -> None:
    assert sent(address="人民路1号", position=point(HERE)) == Report(address="人民路1号")


def test_only_the_band_of_a_position_makes_a_report_another_one() -> None:
    near, nearer, far = (sent(location=point(HERE), position=north_of(m)) for m in (12, 3, 5_000))
    assert near == nearer != far


@pytest.mark.parametrize("field", ["sent_location", "reporter_distance"])
@pytest.mark.parametrize("value", [None, "away", {"system": "gcj02", "coordinates": [120.0, 30.0]}])
def test_what_intake_writes_itself_is_refused_with_what_to_do(field: str, value: object) -> None:
    with pytest.raises(ProblemError) as refused:
        sent(location=point(HERE), **{field: value})
    assert (refused.value.status, refused.value.code) == (422, "invalid")
    assert field in refused.value.detail
    assert "location_system" in refused.value.detail


@pytest.mark.parametrize(
    "fields",
    [
        {"location_system": "mars"},
        {"location_system": None},
        {"location_system": "gcj02", "location": {"type": "Point", "coordinates": [200, 30]}},
        {"position": {"type": "Point", "coordinates": [120.1234567, 91]}},
        {"position": {"type": "Point", "coordinates": [120, 30], "accuracy": 5}},
        {"positions": []},
    ],
)
def test_bad_input_is_refused_and_no_position_is_told_again(fields: dict[str, object]) -> None:
    with pytest.raises(ProblemError) as refused:
        sent(**fields)
    assert (refused.value.status, refused.value.code) == (422, "invalid")
    assert "120.1234567" not in str(refused.value.body())


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_bands_grow_with_the_distance(one: float, other: float) -> None:
    order = [DistanceBand.AT_THE_PLACE, DistanceBand.NEAR_BY, DistanceBand.AWAY]
    near, far = sorted((one, other))
    assert order.index(band(near)) <= order.index(band(far))
    assert (band(50), band(500)) == (DistanceBand.AT_THE_PLACE, DistanceBand.NEAR_BY)


def test_every_system_of_the_contract_is_understood() -> None:
    for system in CoordinateSystem:
        assert sent(location_system=str(system), location=point(HERE)).location
