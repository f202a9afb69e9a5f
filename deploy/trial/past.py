"""Pure: what the log says of the dispatches that the rules made, decided once more."""

from dataclasses import dataclass

from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import filed_under, route
from services.dispatch.domain.subject import Subject, subject_of
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.incidents_v1 import IncidentReported
from shared.registry.snapshot import Snapshot

BY_HAND = DispatchRule.NAMED_BY_DISPATCHER


@dataclass(frozen=True, slots=True)
class Past:
    """A case as it was filed and, where the rules gave it to somebody, dispatched.

    ``registry_version`` is what the decision was made by.
    """

    reported: IncidentReported
    filed: CaseFiled
    dispatched: CaseDispatched | None
    registry_version: int

    @property
    def loads(self) -> Loads:
        """The loads that the event froze; of others nothing is known, and none is counted."""
        told = self.dispatched
        if told is None:
            return Loads()
        units = {one.unit: one.load for one in told.candidates if one.load is not None}
        if told.unit_load is not None and told.case.unit is not None:
            units[told.case.unit.code] = told.unit_load
        members: dict[str, int] = {}
        if told.member is not None:
            members = {one.subject: one.load for one in told.member.lost}
            if told.member.subject is not None:
                members[told.member.subject] = told.member.load
        return Loads(units, members)


@dataclass(frozen=True, slots=True)
class Given:
    """To whom a case is given: the codes of units, and the rule that says so."""

    unit: str | None
    co_units: tuple[str, ...]
    cc: tuple[str, ...]
    rule: str

    @property
    def parts(self) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
        """Without the rule: whom it concerns."""
        return self.unit, self.co_units, self.cc


def given_by(found: Route) -> Given:
    """What a route says."""
    return Given(
        unit=found.unit.code if found.unit else None,
        co_units=tuple(one.code for one in found.co_units),
        cc=tuple(one.code for one in found.cc),
        rule=found.chosen_by.code if found.chosen_by else found.rule.value,
    )


def given_then(past: Past) -> Given:
    """What the log says."""
    told = past.dispatched
    if told is None:
        return Given(None, (), (), DispatchRule.NEAREST_UNIT_OF_MATTER.value)
    case = told.case
    return Given(
        unit=case.unit.code if case.unit else None,
        co_units=tuple(one.code for one in case.co_units),
        cc=tuple(one.code for one in case.cc),
        rule=told.chosen_by.code if told.chosen_by else told.rule.value,
    )


def again(past: Past, registry: Snapshot) -> Given:
    """To whom the case is given by a registry, all else being as it was.

    Raises LookupError where the registry never had the matter.
    """
    return given_by(route(_subject(past, registry), _routing(past, registry)))


def _subject(past: Past, registry: Snapshot) -> Subject:
    case = past.filed.case
    return subject_of(past.reported, case, filed_under(registry, case.matter))


def _routing(past: Past, registry: Snapshot) -> Routing:
    return Routing(registry, past.filed.case.times.filed_at, past.loads)
