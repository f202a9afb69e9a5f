"""What an inspection found wrong: each finding is reported as an incident of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.intake.domain.coordinates import to_wgs84
from services.intake.domain.receipt import Receipt
from services.intake.domain.report_body import Ours, in_wgs84
from shared.contracts.base import Actor, Code, Contract, LongText, Point
from shared.contracts.case_v1 import OPEN_STATES
from shared.contracts.flows import TURNS_OF, FlowActor, FlowTurn
from shared.contracts.incidents_v1 import ActionRequest, CoordinateSystem, Report, Verb
from shared.contracts.plans import Finding
from shared.contracts.roles import CENTRE, CHECKERS, HANDLERS
from shared.contracts.routing_rules import Source
from shared.platform.ids import incident_id
from shared.registry.snapshot import Snapshot


class FindingBody(Contract):
    """What may be sent of a finding (检查发现)."""

    item: Code
    """Of the plan's checklist."""
    description: LongText = ""
    """What is wrong."""
    location: Point | None = None
    """Where, if not where the inspection is."""
    location_system: CoordinateSystem = CoordinateSystem.WGS84
    """The system of ``location``."""


MAX_SEQUENCE = 2**31 - 1
"""No case has so many events; the database and JavaScript hold it exactly."""


class ActionBody(ActionRequest):
    """What may be sent of an action; what is kept of it is an ``ActionRequest``."""

    expected_sequence: Annotated[int, Field(ge=0, le=MAX_SEQUENCE)] | None = None
    """``sequence`` of the case as the actor saw it, in any answer of analytics: if the case has
    changed since, the action is refused as ``stale_sequence``. Left out: whatever has changed."""
    findings: Annotated[tuple[FindingBody, ...], Field(max_length=20)] = ()
    """For ``step``: what the inspection found; each is reported before the action is taken down."""
    location_system: CoordinateSystem = CoordinateSystem.WGS84
    """The system of ``location``: wgs84, cgcs2000, gcj02 (Amap, Tencent) or bd09 (Baidu)."""
    sent_location: Ours = None
    found: Ours = None  # type: ignore[assignment]

    def asked(self, found: tuple[Finding, ...]) -> ActionRequest:
        """The action in WGS 84, with the incidents as which its findings were reported."""
        kept = {name: getattr(self, name) for name in ActionRequest.model_fields}
        kept |= in_wgs84(self.location_system, self.location)
        return ActionRequest.model_validate({**kept, "found": found})


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the report that it is."""

    finding: Finding
    report: Report


class NotInspectedError(ValueError):
    """Findings of what is no inspection, or not of its checklist; says what to do."""


INSPECTORS = HANDLERS | CHECKERS | CENTRE
"""Who may take a turn of a flow, and so find something; nobody else's report says that it did."""


class NotYourInspectionError(ValueError):
    """Findings of an inspection that somebody else makes; says what to do."""


class NobodyKnownError(ValueError):
    """Findings of an inspection of which it is not known here yet with whom it is."""


def turns_called(
    code: str | None, matter: str | None, registry: Snapshot, at: datetime
) -> list[FlowTurn]:
    """The turns of that code of the flow of a matter, as it was then; one for each state."""
    found = registry.matter(matter, at) if matter is not None else None
    flow = registry.flow(found[0].flow, at) if found and found[0].flow else None
    states = flow[0].states if flow else ()
    return [turn for state in states for turn in state.turns if turn.code == code]


def check_turn(turns: Sequence[FlowTurn]) -> None:
    """Whether findings may come with a turn; ``turns`` are those that are called so.

    Where none is known dispatch refuses the action, and what was found is reported all the same.
    Raises NotInspectedError.
    """
    if turns and not any(one.finds for one in turns):
        raise NotInspectedError(
            f"{turns[0].code} says that there are none; leave them out, or take the turn for what "
            "was found"
        )


def check_finder(actor: Actor, receipt: Receipt, turns: Sequence[FlowTurn]) -> None:
    """Whether an inspection is somebody's to report on, whatever has become of it meanwhile.

    For its unit, also when it is closed: what was seen must not be lost. Where the flow gives the
    turn to a checker or to the centre, for those of the area. Raises NotYourInspectionError,
    NobodyKnownError.
    """
    standing = receipt.standing
    holders = (standing.holders if standing else None) or ()
    for by in {one.by for one in turns if one.finds} or {FlowActor.UNIT}:
        if by is FlowActor.UNIT:
            theirs = actor.unit is not None and f"unit/{actor.unit}" in holders
        else:
            area = actor.area or ""
            theirs = any(one.startswith(f"grid/{area}") for one in holders)
        if theirs and TURNS_OF[by].intersection(actor.roles):
            return
    unit = next((one.partition("/")[2] for one in holders if one.startswith("unit/")), None)
    if standing is None or (standing.holders is None and standing.state in OPEN_STATES):
        raise NobodyKnownError(
            "it is not known here yet with whom the inspection is; send the same again, or report "
            "what you saw as an incident of its own (POST /v1/incidents)"
        )
    whose = f"the unit {unit}" if unit else "no unit"
    raise NotYourInspectionError(
        f"the inspection is with {whose}, and its findings are not for you to report; report what "
        "you saw as an incident of its own (POST /v1/incidents)"
    )


def reports_of(sent: ActionBody, inspection: str, report: Report, action: str) -> list[Found]:
    """What is to be reported of an inspection's findings; the same action gives the same again.

    Raises NotInspectedError.
    """
    if not sent.findings:
        return []
    if sent.action is not Verb.STEP:
        raise NotInspectedError(f"they come with {Verb.STEP}, not with {sent.action}")
    plan = report.plan
    if plan is None:
        raise NotInspectedError("only an inspection that a plan ordered has findings; report it")
    items = {one.code: one for one in plan.checklist}
    found: list[Found] = []
    for number, one in enumerate(sent.findings, 1):
        item = items.get(one.item)
        if item is None:
            known = ", ".join(items)
            raise NotInspectedError(f"{one.item} is not on the checklist, which has: {known}")
        incident = incident_id(action, str(number))
        said = Report(
            matter=item.finding,
            location=_where(one) or report.location,
            description=one.description or f"{item.names.zh} {item.names.en}",
            source=Source.INSPECTION,
            arises_from=inspection,
        )
        finding = Finding(item=one.item, description=one.description, incident_id=incident)
        found.append(Found(finding, said))
    return found


def _where(one: FindingBody) -> Point | None:
    if one.location is None:
        return None
    return Point(coordinates=to_wgs84(one.location_system, one.location.coordinates))
