"""Whose the time of a case is, as the events of a case tell it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field


class TimeStage(StrEnum):
    """What a case waits for: of each instant of its life exactly one."""

    FILING = "filing"
    """From when the clocks count to the filing."""
    DISPATCH = "dispatch"
    """Filed, and with nobody."""
    ACCEPT = "accept"
    """With a unit that has not taken it yet."""
    HANDLE = "handle"
    """Taken, and not handed back."""
    VERIFY = "verify"
    """Handed back, and not verified."""
    CLOSED = "closed"
    """Closed, until it was opened again; nobody's."""


RETURNED = "~returned"
"""In the place of a unit: one held the case, and its return was granted. It is no unit's time."""
SUSPENSION = "~suspension-"
"""The same, with a number from 1: by that suspension the clocks stood. It is no unit's time."""

TimeShares = dict[str, Annotated[int, Field(ge=0)]]
"""Milliseconds by whose they are (`Case.time`): a text to a number, as every decision of dispatch
reads, changes and writes it."""
