"""What a list or a figure is asked for."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from services.analytics.domain.buckets import ALL, Series

HALF_TURN, QUARTER_TURN = 180.0, 90.0
CORNERS = 4
MAX_DAYS = 3_700
"""Ten years of a trend at most."""


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        message = f"{text} is no day: write it as 2026-03-02"
        raise ValueError(message) from error


def _box(text: str) -> str:
    message = "a box is west,south,east,north in degrees, west <= east and south <= north"
    try:
        corners = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(message) from error
    if len(corners) != CORNERS:
        raise ValueError(message)
    west, south, east, north = corners
    whole = -HALF_TURN <= west <= east <= HALF_TURN
    if not (whole and -QUARTER_TURN <= south <= north <= QUARTER_TURN):
        raise ValueError(message)
    return text


Day = Annotated[
    str, StringConstraints(pattern=r"^(19|2\d)\d{2}-\d{2}-\d{2}$"), AfterValidator(_day)
]
"""A local day, ``YYYY-MM-DD``; both ends of a period are included."""
Place = Annotated[str, StringConstraints(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12}|\d{15})$")]
"""The code of an area or of a grid."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
State = Literal[
    "open", "reported", "in_review", "rejected", "linked", "answered", "transferred", "filed",
    "dispatched", "accepted", "handled", "closed", "voided",
]  # fmt: skip
"""A state's word; ``open`` is every one from filed to handled."""


class Scope(BaseModel):
    """Of what the figures are: an area or grid, a matter, a unit; all where nothing is said."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    area: Place | None = None
    """The code of an area (4, 6, 9 or 12 digits) or of a grid (15)."""
    matter: Word | None = None
    """The code of a matter."""
    unit: Word | None = None
    """The code of the unit that has the case."""

    @property
    def series(self) -> Series:
        """The buckets that answer it, if they are kept."""
        return Series(self.area or ALL, self.matter or ALL, self.unit or ALL)


class InboxOf(BaseModel):
    """Whose inbox."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    area: Place | None = None
    """The code of an area (4, 6, 9 or 12 digits) or of a grid (15); none: everywhere."""
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    """How many at most, the most urgent first."""


class Period(Scope):
    """Figures of a time; open ends where nothing is said."""

    first: Day | None = Field(default=None, alias="from")
    """The first local day."""
    last: Day | None = Field(default=None, alias="to")
    """The last local day."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first is not None and self.last is not None and self.first > self.last:
            message = f"from {self.first} lies after to {self.last}"
            raise ValueError(message)
        return self


class Trend(Period):
    """A series of figures by local day."""

    by: Literal["day"] = "day"
    """The width of a step."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.first is not None and self.last is not None:
            days = (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days
            if days >= MAX_DAYS:
                message = f"{days + 1} days are too many, a trend has {MAX_DAYS} at most"
                raise ValueError(message)
        return self


class Listing(Period):
    """Which cases a list shows, by the day on which they were reported; the newest first."""

    state: State | None = None
    """A state's word, or ``open``."""
    source: Word | None = None
    """How the report came in."""
    plan: Word | None = None
    """Only inspections of this plan."""
    watcher: Annotated[str, StringConstraints(pattern=r"^(\d{4}|\d{6}|\d{9})$")] | None = None
    """The code of an area whose centre has ordered supervision: only what it watches (督办关注)."""
    overdue: bool = False
    """Only open cases whose handle clock is past due now."""
    bbox: Annotated[str, AfterValidator(_box)] | None = None
    """``west,south,east,north`` in degrees."""


class OfPlans(Period):
    """Figures of plans, by the days for which inspections were ordered."""

    plan: Word | None = None
    """Only of this plan."""


class Page(Listing):
    """One page of a list."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    """Rows at most."""
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
    """``next`` of the page before."""


class OrderScope(BaseModel):
    """Which orders are counted: by the local day on which they were issued."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    unit: Word | None = None
    """The code of a unit addressed."""
    area: Place | None = None
    """The code of an area within which units are addressed."""
    first: Day | None = Field(default=None, alias="from")
    """The first local day."""
    last: Day | None = Field(default=None, alias="to")
    """The last local day."""


class OrderPage(OrderScope):
    """One page of a list of orders."""

    state: Literal["open", "done", "overdue", "withdrawn"] | None = None
    """``open`` has the overdue ones among it."""
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    """Rows at most."""
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
    """``next`` of the page before."""
