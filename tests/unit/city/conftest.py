import os
from pathlib import Path

import pytest

from deploy.local.paths import CHECKOUT

NYC = Path(os.environ.get("WANGGE_TEST_DATA", CHECKOUT.parent / "shared" / "data")) / "nyc311"


@pytest.fixture(scope="session")
def requests_csv() -> Path:
    """One day of New York's 311 requests."""
    return NYC / "service_requests_2018-10-21.csv"


@pytest.fixture(scope="session")
def districts() -> Path:
    """New York's 59 community districts."""
    return NYC / "community_district.geojson"
