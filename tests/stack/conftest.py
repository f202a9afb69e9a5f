"""A home for each test that starts a stack, and one stack for those that only look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.plan import StackPlan
from tests.stack.harness import Stack, stub_plan


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A home where nothing runs yet, and nothing is left running."""
    one = Stack(tmp_path / "home")
    yield one
    one.stop()


@pytest.fixture
def light_plan(kafka: str, mongo: str) -> StackPlan:
    """Stubs beside the session's Kafka and MongoDB: it starts in a second."""
    return stub_plan(kafka_external=kafka, mongo_external=mongo)


@pytest.fixture(scope="module")
def full_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack with a Kafka and a MongoDB of its own."""
    one = Stack(tmp_path_factory.mktemp("full"))
    found = one.start(stub_plan())
    assert found.phase == "ready", found.error
    yield one
    one.stop()
