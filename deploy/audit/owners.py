"""The owners of this system: each collection with the rules that its service has for it."""

from deploy.audit.owner import Owner
from services.dispatch.domain.deciding import Dispatching
from services.escalation.domain.deciding import Watching
from services.intake.domain.acceptance import Acceptance
from services.intake.domain.entry import Entries
from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS, REGISTRY, reads

INTAKE, DISPATCH, ESCALATION, ANALYTICS = "intake", "dispatch", "escalation", "analytics"

RECEIPTS = Owner(
    service=INTAKE,
    collection="receipts",
    decider=Acceptance(zone=""),  # the zone is for decisions; what was decided is in the events
    home=INCIDENTS,
    reads=reads(INTAKE),
    emits=INCIDENTS,
)
DOSSIERS = Owner(
    service=DISPATCH,
    collection="cases",
    decider=Dispatching(),
    home=INCIDENTS,
    reads=reads(DISPATCH),
    emits=CASES,
)
WATCHES = Owner(
    service=ESCALATION,
    collection="watches",
    decider=Watching(),
    home=INCIDENTS,
    reads=reads(ESCALATION),
    emits=ESCALATIONS,
)
ENTRIES = Owner(
    service=INTAKE,
    collection="registry",
    decider=Entries(),
    home=REGISTRY,
    reads=(),
    emits=REGISTRY,
)
