"""What a list or a figure is asked for."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.analytics.domain.buckets import ALL, Series

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""A local day, both ends included."""
Place = Annotated[str, StringConstraints(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12}|\d{15})$")]
"""The code of an area or of a grid."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Scope(BaseModel):
    """Of what the figures are: an area or grid, a matter, a unit; all where nothing is said."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    area: Place | None = None
    matter: Word | None = None
    unit: Word | None = None

    @property
    def series(self) -> Series:
        """The buckets that answer it, if they are kept."""
        return Series(self.area or ALL, self.matter or ALL, self.unit or ALL)


class Period(Scope):
    """Figures of a time; open ends where nothing is said."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


HALF_TURN = 180.0
"""Degrees of longitude from the prime meridian at most."""


def _box(text: str) -> str:
    west, south, east, north = (float(part) for part in text.split(","))
    if not (west <= east and south <= north and max(-west, east) <= HALF_TURN):
        message = "west,south,east,north in degrees, west <= east and south <= north"
        raise ValueError(message)
    return text


class Listing(Period):
    """Which cases a list shows; the newest first."""

    state: Word | None = None
    """A state's word, or ``open``."""
    source: Word | None = None
    overdue: bool = False
    bbox: Annotated[str, AfterValidator(_box)] | None = None
    """``west,south,east,north`` in degrees."""
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
