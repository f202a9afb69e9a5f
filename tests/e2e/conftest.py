from collections.abc import Iterator

import pytest

from tests.stackdriver import Stack, running


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("e2e")) as found:
        yield found
