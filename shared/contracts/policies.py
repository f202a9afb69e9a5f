"""The policy of an area: its zone, limits, requests and supervision, as the registry has them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import (
    AreaCode,
    Contract,
    Limit,
    LimitUnit,
)
from shared.contracts.calendars import Counting
from shared.contracts.ladders import LadderStep, NoticeLadder
from shared.contracts.levels import Level

EmergencyNumber = Annotated[str, StringConstraints(pattern=r"^\+?\d{2,15}$")]


class Flood(Contract):
    """So many reports of one source in so many minutes are decided by rules; the rest wait."""

    reports: Annotated[int, Field(ge=1, le=1_000_000)]
    minutes: Annotated[int, Field(ge=1, le=24 * 60)]


class RequestRule(Contract):
    """Who decides a request, and how long that may take."""

    level: Level = "county"
    """The lowest level that may decide; every one above it may."""
    limit: Limit = Limit(amount=1, unit=LimitUnit.NATURAL_DAY)
    """How long the decision may take, from the request."""


class RequestRules(Contract):
    """The rules of requests; suspensions and extensions not decided in time are denied."""

    returns: RequestRule = RequestRule(
        level="community", limit=Limit(amount=4, unit=LimitUnit.URGENT_HOUR)
    )
    """Of returns (退回); what nobody decides stays, and waits."""
    suspension: RequestRule = RequestRule()
    """Of suspensions (挂账)."""
    extension: RequestRule = RequestRule()
    """Of extensions (延期)."""
    appeal: RequestRule = RequestRule()
    """Of appeals of units against a breach (申诉); what nobody decides waits."""
    appeal_within: Limit = Limit(amount=3, unit=LimitUnit.NATURAL_DAY)
    """Until how long after a breach it may be appealed against."""
    longest_suspension_days: Annotated[int, Field(ge=1, le=3650)] = 180
    """How far ahead the review date of a suspension may lie."""


class PolicyRef(Contract):
    """A version of the policy of an area."""

    code: AreaCode
    """Whose policy."""
    n: int
    """Its version in the registry."""


class Policy(Contract):
    """The rules of an area and all below it, unless one nearer by says otherwise."""

    kind: Literal["policy"] = "policy"
    code: AreaCode
    zone: str
    """IANA time zone of the area."""
    unmatched: Literal["reject", "review"] = "review"
    """What becomes of an incident that the rules cannot file."""
    filing_limit: Limit | None = None
    """How long filing may take, from the receipt."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder of new cases."""
    notice_ladder: NoticeLadder = ()
    """The ladder of notices of new cases."""
    reopen_within_days: Annotated[int, Field(ge=0, le=365)] = 7
    """For how long a closed case may be opened again."""
    on_redraw: Literal["move", "stay"] = "move"
    """What becomes of open cases when grids are redrawn: they move to the grid in which they then
    lie, or stay where they were filed."""
    duplicates: Literal["link", "file"] = "link"
    """Whether a report of what is a case already is linked to it, or filed as another case."""
    flood: Flood | None = None
    """How many reports of one source the rules decide; none: any number."""
    emergency_numbers: Annotated[tuple[EmergencyNumber, ...], Field(max_length=10)] = (
        "110",
        "119",
        "120",
    )
    """Whom to call where lives are in danger: police, fire brigade, ambulance."""
    spot_check_percent: Annotated[int, Field(ge=0, le=100)] = 5
    """How many in a hundred of what is handled on site somebody else checks (抽查)."""
    requests: RequestRules = Field(default_factory=RequestRules)
    """Who decides the requests of units, and until when."""
    working_days: Counting = Counting.FROM_START
    """From when limits in working days count."""
