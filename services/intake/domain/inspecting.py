"""What an inspection found wrong: each finding is reported as an incident of its own."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from services.intake.domain.coordinates import to_wgs84
from services.intake.domain.report_body import Ours, in_wgs84
from shared.contracts.base import Code, Contract, LongText, Point
from shared.contracts.incidents_v1 import ActionRequest, CoordinateSystem, Report, Verb
from shared.contracts.plans import Finding
from shared.contracts.roles import CENTRE, CHECKERS, HANDLERS
from shared.contracts.routing_rules import Source
from shared.platform.ids import incident_id


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


class ActionBody(ActionRequest):
    """What may be sent of an action; what is kept of it is an ``ActionRequest``."""

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
