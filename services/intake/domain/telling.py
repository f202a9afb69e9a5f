"""What whoever asks is told of an incident, and of an action."""

from typing import Any

from services.intake.domain.receipt import Receipt
from shared.contracts.base import Contract, Instant, Names
from shared.platform.security import Principal, Role


class IncidentTold(Contract):
    """An incident, as its reporter may know it."""

    incident_id: str | None
    """Left out for whoever only knows the case number: it is the reporter's own."""
    receipt_no: str | None
    """受理号; left out like the id."""
    case_no: str | None
    """案卷号, once it is filed."""
    state: str
    """reported, in_review, rejected, linked, answered, transferred, or the state of its case:
    filed, dispatched, accepted, handled, closed, voided.

    Linked: it is a case already. Case number, matter, unit, instants and supervision are then of
    that case, which ``first_state`` tells of.
    """
    first_state: str | None
    """The state of the case that it is linked to."""
    reason: str | None
    """The code of the rule by which it was rejected, or is in review; of a void case
    ``declared_void``."""
    explanation: Names | None
    """The rule in words."""
    said: str | None
    """What was said to the reporter in people's own words: the acceptance desk's answer, or why it
    was rejected, or why its case was declared void; left out like the id."""
    to: str | None
    """The platform outside that it was transferred to, which has it now."""
    matter: Names | None
    """The matter under which it was filed."""
    component: Names | None
    """The component that it is about, where it is about one that is known."""
    place: Names | None
    """The place by which its address was located, where it came without coordinates."""
    unit: Names | None
    """The unit that has it."""
    received_at: Instant
    counts_from: Instant
    """From when the clocks count."""
    decided_at: Instant | None
    """When it was decided without a case, or put before the acceptance desk."""
    filed_at: Instant | None
    dispatched_at: Instant | None
    accepted_at: Instant | None
    handled_at: Instant | None
    closed_at: Instant | None
    voided_at: Instant | None
    due_at: Instant | None
    """Until when it is to be handled, while a unit has it."""
    supervision: str | None
    """The supervision order in force: ordinary, yellow_card or red_card."""


OF_THE_FIRST = (
    "case_no", "matter", "unit", "filed_at", "dispatched_at", "accepted_at", "handled_at",
    "closed_at", "voided_at", "due_at", "supervision",
)  # fmt: skip
"""What a follower is told of the case that it is linked to."""


class ActionTold(Contract):
    """What became of an action."""

    action_id: str
    state: str
    """pending, done or refused."""
    rule: str | None
    """Why it was refused."""
    explanation: Names | None
    """The rule in words."""
    sequence: int | None
    """The number of the event of the case that says so."""


def incident(
    receipt: Receipt, by: str, caller: Principal, first: Receipt | None = None
) -> IncidentTold | None:
    """What a caller is told who found a receipt ``by`` its id, receipt_no or case_no.

    Id and receipt number are the reporter's own secret; a case number can be guessed: by it, the
    public is told of public matters only. None: the caller is told that there is no such incident.
    ``first`` is the receipt of the case that it is linked to.
    """
    reported, standing, urgency = receipt.reported, receipt.standing, receipt.urgency
    if reported is None:
        return None
    own = by != "case_no" or receipt.is_of(caller.subject)
    official = bool(caller.roles - {Role.REPORTER})
    if not own and not official and (standing is None or not standing.public):
        return None
    told: dict[str, Any] = dict.fromkeys(IncidentTold.model_fields)
    told["state"] = "reported"
    if own or official:
        told |= {"incident_id": reported.incident_id, "receipt_no": reported.receipt_no}
    told |= {"received_at": reported.received_at, "counts_from": reported.counts_from}
    if standing is not None:
        told |= {
            name: getattr(standing, name)
            for name in type(standing).model_fields
            if name in IncidentTold.model_fields
        }
        told["reason"] = standing.rule
    if not own and not official:
        told["said"] = None  # said to the reporter
    told |= {"due_at": urgency.due_at, "supervision": urgency.supervision}
    if standing is not None and standing.follows is not None:
        told |= dict.fromkeys(OF_THE_FIRST)
        told |= _first(first, official=official)
    return IncidentTold.model_construct(**told)


def _first(first: Receipt | None, *, official: bool) -> dict[str, Any]:
    """The standing of the case that a follower is linked to, as the follower is told of it.

    Of what is not public whoever follows it is told how far it is, and not whose it is: it is
    another one's report.
    """
    if first is None or first.standing is None:
        return {}
    standing = first.standing
    hidden = () if official or standing.public else ("case_no", "matter", "unit", "supervision")
    told = {name: getattr(standing, name) for name in OF_THE_FIRST if hasattr(standing, name)}
    told |= {"due_at": first.urgency.due_at, "supervision": first.urgency.supervision}
    told |= dict.fromkeys(hidden)
    return {**told, "first_state": standing.state}


def action(receipt: Receipt, action_id: str) -> ActionTold | None:
    """What became of an action; None where nobody asked for it."""
    if action_id not in receipt.actions:
        return None
    outcome = receipt.outcomes.get(action_id)
    if outcome is None:
        return ActionTold(
            action_id=action_id, state="pending", rule=None, explanation=None, sequence=None
        )
    return ActionTold(action_id=action_id, **outcome.model_dump())
