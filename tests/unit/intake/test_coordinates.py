"""Coordinates of other systems become WGS 84 within a metre, as published values have it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.domain.coordinates import (
    EAST,
    NORTH,
    SOUTH,
    WEST,
    Degrees,
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_gcj02,
)
from shared.contracts.incidents_v1 import CoordinateSystem
from shared.registry.distance import metres

A_METRE, A_HAND = 1.0, 0.1

# From the tests of googollee/eviltransform (python/test.py): Shanghai, Shenzhen, Beijing.
EVIL_WGS_GCJ = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
# From the tests of hujiulong/gcoord (test/unit/crs/BD09.spec): BD-09, GCJ-02, WGS 84 of one point.
GCOORD_BD, GCOORD_GCJ, GCOORD_WGS = (
    (123.0, 45.0), (122.99363304, 44.99365430), (122.98762210, 44.99171540),
)  # fmt: skip
# From the results in wandergis/coordtransform (test/app.js), all of one point, (116.404, 39.915).
TIANANMEN = (116.404, 39.915)
WANDERGIS_GCJ = (116.41024449916938, 39.91640428150164)
WANDERGIS_BD = (116.41036949371029, 39.92133699351021)
WANDERGIS_GCJ_OF_BD = (116.39762729119315, 39.90865673957631)

in_china = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
EDGES = [(x, y) for x in (WEST, 105.0, EAST) for y in (SOUTH, 35.0, NORTH)]
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(("wgs", "gcj"), EVIL_WGS_GCJ)
def test_gcj02_is_as_published(wgs: Degrees, gcj: Degrees) -> None:
    assert metres(*wgs84_to_gcj02(wgs), *gcj) < A_HAND
    assert metres(*to_wgs84(CoordinateSystem.GCJ02, gcj), *wgs) < A_HAND


def test_bd09_is_as_published() -> None:
    assert metres(*bd09_to_gcj02(GCOORD_BD), *GCOORD_GCJ) < A_METRE
    assert metres(*to_wgs84(CoordinateSystem.BD09, GCOORD_BD), *GCOORD_WGS) < A_METRE


def test_another_library_says_the_same() -> None:
    assert wgs84_to_gcj02(TIANANMEN) == pytest.approx(WANDERGIS_GCJ, abs=1e-12)
    assert gcj02_to_bd09(TIANANMEN) == pytest.approx(WANDERGIS_BD, abs=1e-12)
    # Its way back is a formula and no iteration.
    assert metres(*bd09_to_gcj02(TIANANMEN), *WANDERGIS_GCJ_OF_BD) < A_METRE


@given(in_china)
def test_the_way_back_leads_back(point: Degrees) -> None:
    gcj = wgs84_to_gcj02(point)
    assert metres(*gcj02_to_wgs84(gcj), *point) < 0.001
    assert metres(*to_wgs84(CoordinateSystem.GCJ02, gcj), *point) < A_HAND
    assert metres(*to_wgs84(CoordinateSystem.BD09, gcj02_to_bd09(gcj)), *point) < A_HAND


@pytest.mark.parametrize("corner", EDGES)
def test_the_way_back_leads_back_from_the_edges(corner: Degrees) -> None:
    gcj = wgs84_to_gcj02(corner)
    assert gcj != corner
    assert metres(*to_wgs84(CoordinateSystem.GCJ02, gcj), *corner) < A_HAND


@given(in_china)
def test_what_it_is_about_is_hundreds_of_metres(point: Degrees) -> None:
    assert 10 < metres(*wgs84_to_gcj02(point), *point) < 1_500


@given(anywhere.filter(lambda p: not (71.9 < p[0] < 137.9 and 0.7 < p[1] < 55.9)))
@example((2.35, 48.85))
@example((180.0, 90.0))
def test_outside_china_nothing_is_moved(point: Degrees) -> None:
    assert wgs84_to_gcj02(point) == point
    assert to_wgs84(CoordinateSystem.GCJ02, point) == pytest.approx(point, abs=1e-8)


@given(st.sampled_from(list(CoordinateSystem)), anywhere)
def test_whatever_is_sent_stays_on_the_globe(system: CoordinateSystem, point: Degrees) -> None:
    longitude, latitude = to_wgs84(system, point)
    assert -180 <= longitude <= 180
    assert -90 <= latitude <= 90


@given(anywhere)
def test_the_national_system_is_taken_as_equal(point: Degrees) -> None:
    assert to_wgs84(CoordinateSystem.CGCS2000, point) is point
    assert to_wgs84(CoordinateSystem.WGS84, point) is point


def test_a_system_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValueError, match="mars"):
        to_wgs84(CoordinateSystem("mars"), TIANANMEN)


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert metres(120, 30, 120, 31) == pytest.approx(111_195, abs=1)
    assert metres(120, 60, 121, 60) == pytest.approx(55_597, abs=5)
    assert metres(0, 0, 180, 0) == pytest.approx(20_015_115, abs=10)
    assert metres(120, 30, 120, 30) == 0
