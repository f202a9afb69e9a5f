"""What an owner passes over would have changed nothing; otherwise a document lacked it silently."""

from typing import Any

import pytest

from deploy.audit.owner import Owner
from deploy.audit.owners import INCIDENT_OWNERS
from shared.contracts.cases_v1 import CaseDispatched
from shared.contracts.golden import all_examples
from shared.contracts.incidents_v1 import IncidentReported
from shared.ledger.decider import Context
from shared.registry.snapshot import Snapshot

PASSING = [
    pytest.param(owner, model, id=f"{owner.name}-{model.__name__}")
    for owner in INCIDENT_OWNERS
    for model in owner.passes
]


def _dispatched(owner: Owner) -> Any:  # noqa: ANN401 - any service's state
    state = None
    for example in all_examples():
        if isinstance(example.event.data, IncidentReported | CaseDispatched):
            state = owner.decider.evolve(state, example.event)
    return state


@pytest.mark.parametrize(("owner", "model"), PASSING)
def test_a_passed_type_changes_no_document_and_nothing_follows(owner: Owner, model: type) -> None:
    events = [one.event for one in all_examples() if type(one.event.data) is model]
    assert events, "every type has a golden example"
    for event in events:
        context = Context(now=event.time, registry=Snapshot())
        before = _dispatched(owner)
        after = owner.decider.evolve(before, event)
        assert owner.decider.dump(after) == owner.decider.dump(before)
        assert list(owner.decider.decide(after, event, context)) == []
