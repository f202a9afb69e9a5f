"""The owners of this system: each collection with the rules that its service has for it."""

from collections.abc import Mapping
from typing import Any

from deploy.audit.bucket import Bucket
from deploy.audit.owner import ANALYTICS, DISPATCH, ESCALATION, INTAKE, Owner
from deploy.audit.rollups import Rollups
from services.analytics.domain import ordering
from services.analytics.domain.contributions import contributions
from services.analytics.domain.projecting import Projecting
from services.analytics.rollups import place
from services.dispatch.domain import deciding as dispatching
from services.escalation.domain.deciding import Watching
from services.intake.domain import acceptance, orders
from services.intake.domain.entry import Entries
from shared.contracts import incidents_v1, orders_v1, topics
from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS, REGISTRY, reads

RECEIPTS = Owner(
    service=INTAKE,
    collection="receipts",
    # The zone is for decisions; what was decided is in the events.
    decider=acceptance.Acceptance(zone=""),
    home=INCIDENTS,
    reads=reads(INTAKE),
    emits=INCIDENTS,
    passes=acceptance.PASSES,
    nothing=acceptance.is_nothing,
    foreign=orders_v1.EVENTS,
)
DOSSIERS = Owner(
    service=DISPATCH,
    collection="cases",
    decider=dispatching.Dispatching(),
    home=INCIDENTS,
    reads=reads(DISPATCH),
    emits=CASES,
    passes=dispatching.PASSES,
    nothing=dispatching.is_nothing,
)
WATCHES = Owner(
    service=ESCALATION,
    collection="watches",
    decider=Watching(),
    home=CASES,
    reads=reads(ESCALATION),
    emits=ESCALATIONS,
)
TIMELINES = Owner(
    service=ANALYTICS,
    collection="timelines",
    decider=Projecting(),
    home=CASES,
    reads=reads(ANALYTICS),
    emits=None,
    passes=orders_v1.EVENTS,
)
INCIDENT_OWNERS = (RECEIPTS, DOSSIERS, WATCHES, TIMELINES)
"""Who has a document of each incident."""
ORDERS = Owner(
    service=INTAKE,
    collection="orders",
    decider=orders.Ordering(zone=""),
    home=INCIDENTS,
    reads=(),
    emits=INCIDENTS,
    foreign=incidents_v1.EVENTS,
)
ORDERS_KNOWN = Owner(
    service=ANALYTICS,
    collection="orders",
    decider=ordering.Ordering(),
    home=INCIDENTS,
    reads=(INCIDENTS,),
    emits=None,
    passes=incidents_v1.EVENTS,
)
ORDER_OWNERS = (ORDERS, ORDERS_KNOWN)
"""Who has a document of each order."""
KEYED_OWNERS = (*INCIDENT_OWNERS, *ORDER_OWNERS)
"""Whose documents are shared out over the busy partitions."""
ENTRIES = Owner(
    service=INTAKE,
    collection="registry",
    decider=Entries(),
    home=REGISTRY,
    reads=(),
    emits=REGISTRY,
)
PLACES = {
    place(topic.name, number): (topic.name, number)
    for topic in topics.TOPICS
    for number in range(topic.partitions)
}
"""The partitions as buckets name them."""


def parse_bucket(raw: Mapping[str, Any]) -> Bucket:
    """A bucket as analytics stores it."""
    marks = {PLACES[where]: offset for where, offset in raw.get("at", {}).items()}
    return Bucket(raw["_id"], raw.get("n", {}), marks)


def rollups() -> Rollups:
    """The figures to be counted again by the rules of analytics."""
    return Rollups(TIMELINES, contributions)
