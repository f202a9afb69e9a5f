from collections.abc import Iterator

import pytest

from tests.stackdriver import Stack, running

# What the stories claim is explained as in a test, where it does not hold.
pytest.register_assert_rewrite("tests.e2e.stories", "tests.e2e.story", "tests.e2e.city")


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("e2e")) as found:
        yield found
