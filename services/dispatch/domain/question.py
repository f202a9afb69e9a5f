"""What an action asks, and all that is known when it is judged."""

from dataclasses import dataclass

from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.finding import Findings, find
from services.dispatch.domain.putting_right import corrected, put_right
from shared.contracts.case_v1 import MAX_RETURNS, Case, RequestKind
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported, Verb
from shared.contracts.registry_v1 import Unit
from shared.registry.snapshot import Snapshot

LINKED, IN_REVIEW, REJECTED = "linked", "in_review", "rejected"
"""The states of an incident without a case of its own about which something may be asked."""


def level_of(asked: ActionRequested, registry: Snapshot) -> str | None:
    """The area of whose level an actor is: his own, else his unit's; None: above all."""
    actor = asked.actor
    if actor.area is not None or actor.unit is None:
        return actor.area
    unit = registry.unit(actor.unit, asked.received_at)
    return unit.area if unit else None


@dataclass(frozen=True, slots=True)
class Question:
    """An action and all that guards look at."""

    asked: ActionRequested
    dossier: Dossier
    registry: Snapshot

    @property
    def decided(self) -> Decided:
        """What dispatch decided so far."""
        return self.dossier.decided

    @property
    def report(self) -> IncidentReported | None:
        """As it was reported, or put right; none where that has not arrived."""
        return corrected(self.dossier)

    @property
    def case(self) -> Case:
        """The case; rows of incidents without one have guards that ask for none."""
        if self.decided.case is None:
            raise ValueError("there is no case")
        return self.decided.case

    @property
    def centre(self) -> str | None:
        """The area whose centre has the case in hand; None: nobody has dispatched it yet.

        To which it was handed up or down, else which dispatched it; where an older version did, the
        one of its unit's area.
        """
        unit = self.case.unit
        return self.case.centre or self.decided.centre or (unit.area if unit else None)

    @property
    def charged(self) -> list[Unit]:
        """The units in force that are charged with a breach, wherever they have their case now."""
        codes = {one.unit for one in self.dossier.breaches if one.unit is not None}
        units = (self.registry.unit(one, self.asked.received_at) for one in sorted(codes))
        return [one for one in units if one is not None]

    @property
    def state(self) -> str:
        """The state of the case, or what has become of an incident without one."""
        if self.decided.follows is not None:
            return LINKED
        case = self.decided.case
        return case.state if case is not None else self.decided.ending or "reported"

    @property
    def reporter(self) -> str | None:
        """The subject who reported it."""
        return self.report.reporter.subject if self.report else None

    @property
    def level(self) -> str | None:
        """The area of whose level the actor is: his own, else his unit's; None: above all."""
        return level_of(self.asked, self.registry)

    @property
    def grid(self) -> str:
        """The grid in which it lies, else the area that the report names, else nothing."""
        if self.decided.follows is not None:
            return self.decided.follows.grid or ""
        if self.decided.case is not None:
            return self.decided.case.grid
        if self.report is None:
            return ""
        found = find(self.report, self.registry, self.asked.received_at).grid
        return found.code if found else self.report.report.area or ""

    @property
    def filing(self) -> Findings | None:
        """What the registry says of the report as the actor has put it right."""
        if self.report is None:
            return None
        return find(
            put_right(self.report, self.asked.request), self.registry, self.asked.received_at
        )

    @property
    def pending(self) -> RequestKind | None:
        """What is asked for and not decided; also what lapses in this moment."""
        case = self.decided.case
        if case is None:
            return None
        if case.request is None:
            return RequestKind.RETURN if case.return_pending else None
        return case.request.kind

    @property
    def in_time(self) -> bool:
        """Whether what is asked for may still be decided."""
        request = self.case.request
        lapses = request.lapses_at if request else None
        return lapses is None or self.asked.received_at <= lapses

    @property
    def to_be_ruled(self) -> bool:
        """Whether it names the unit after the last return that a case may have."""
        granting = self.asked.request.action is Verb.APPROVE
        return self.case.returns + granting >= MAX_RETURNS
