from collections.abc import Iterator

import pytest

from tests.stackdriver import Stack, running


@pytest.fixture(scope="package")
def city_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole stack with the demo city."""
    with running(tmp_path_factory.mktemp("city")) as found:
        yield found
