"""Building blocks of all contracts: instants, codes, places, names, limits."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core.core_schema import CoreSchema, with_info_after_validator_function


def to_instant(value: datetime) -> datetime:
    """Bring an aware datetime to UTC and cut it to milliseconds, the precision of BSON dates.

    Both are done where an instant enters, so that a fold of the log and the stored document agree.
    """
    if value.tzinfo is not UTC:
        try:
            value = value.astimezone(UTC)
        except OverflowError as error:  # pydantic makes an error of the input out of a ValueError
            raise ValueError("an instant lies within the years 1 to 9999 in UTC") from error
    rest = value.microsecond % 1000
    return value.replace(microsecond=value.microsecond - rest) if rest else value


@lru_cache(maxsize=4096)
def instant_text(value: datetime) -> str:
    """RFC 3339 with milliseconds and Z: ``2024-02-09T02:00:00.000Z``.

    What follows from one cause names the same few instants again and again.
    """
    return value.isoformat(timespec="milliseconds")[:-6] + "Z"


Instant = Annotated[
    AwareDatetime,
    AfterValidator(to_instant),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
]
"""A point in time: UTC, milliseconds."""

CITY_DIGITS, COUNTY_DIGITS, TOWN_DIGITS, COMMUNITY_DIGITS = 4, 6, 9, 12
"""How long the code of an area of each level is; a grid's begins with all of them."""
GRID_DIGITS = 15
NEAREST_FIRST = (COMMUNITY_DIGITS, TOWN_DIGITS, COUNTY_DIGITS, CITY_DIGITS)
AreaCode = Annotated[str, StringConstraints(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12})$")]
"""区划代码: city 4 digits, county 6, town 9, community 12; a prefix of the codes of all below."""

GridCode = Annotated[str, StringConstraints(pattern=r"^\d{15}$")]
"""网格编码: 12 digits of the community and a serial of 3."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""A code of the city's own (matter, unit): letters, digits and ``. _ : -``, 64 at most."""

OPEN_WORD = r"^[a-z][a-z0-9_]{0,63}$"
"""What a word of an open enumeration looks like."""

Day = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"),
    AfterValidator(lambda text: date.fromisoformat(text).isoformat()),
]
"""A day, ``YYYY-MM-DD``: BSON knows none, so it is a text."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ShortText = Annotated[str, StringConstraints(max_length=500)]
LongText = Annotated[str, StringConstraints(max_length=4000)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


_set = object.__setattr__


class _Copied(BaseModel):
    """Copies itself ten times as fast as pydantic does, whose way goes through ``copy.copy``.

    A decision makes some ten copies. There are no private attributes, and nothing changes in a
    model that is frozen: its copies share the names of the fields that it was given, which as a
    set of its own would be half of what a copy takes.
    """

    def __copy__(self) -> Self:
        return self.model_copy()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; ``update`` names fields, and is trusted as there.

        What is updated does not count as given (``model_fields_set``, ``exclude_unset``).
        """
        if deep:
            return super().model_copy(update=update, deep=True)
        extra = self.__pydantic_extra__
        copied = self.__class__.__new__(self.__class__)
        _set(copied, "__dict__", {**self.__dict__, **update} if update else self.__dict__.copy())
        _set(copied, "__pydantic_extra__", extra and extra.copy())
        _set(copied, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        _set(copied, "__pydantic_private__", None)
        return copied


class Contract(_Copied):
    """An immutable part of an event; fields that it does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class EventData(Contract):
    """The data of one event type; fields that it does not know are kept aside and counted."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    TYPE: ClassVar[str]
    """The CloudEvents type, reverse DNS, past tense, with its version."""


KNOWN_WORDS: Mapping[str, bool] = {"known_words": True}
"""The validation context of a door that takes in no unknown words; readers of events have none."""


class OpenEnum(StrEnum):
    """Words that may become more within v1: a reader takes an unknown one as it stands.

    For what readers show or count. What they branch on is a plain ``StrEnum``: an unknown value
    there is an error, and a new one needs a new event type or a new version.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not re.fullmatch(OPEN_WORD, value):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        words: Any = handler(source)
        name = words.pop("ref", None)  # the whole is what schemas name, not its inner half
        return with_info_after_validator_function(_admitted, words, ref=name)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        found = handler.resolve_ref_schema(handler(schema))
        found["x-known-values"] = found.pop("enum")
        found["pattern"] = OPEN_WORD
        return found

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as pickle has it
        """By its value: some versions of Python 3.11 look for a member of its name."""
        return type(self), (self._value_,)

    @property
    def known(self) -> bool:
        """Whether this version names the word."""
        return self._value_ in type(self)._value2member_map_


def _admitted(word: OpenEnum, info: ValidationInfo) -> OpenEnum:
    if info.context is KNOWN_WORDS and not word.known:
        raise ValueError(f"one of {', '.join(type(word))}")
    return word


class Names(Contract):
    """A name in both languages."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Texts(Contract):
    """A longer text in both languages."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class Point(Contract):
    """A GeoJSON Point in WGS 84: longitude, latitude (RFC 7946)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[Longitude, Latitude]
    """Longitude, then latitude, in degrees."""


class LimitUnit(StrEnum):
    """The four units of a limit (紧急工作时, 工作时, 工作日, 自然日)."""

    URGENT_HOUR = "urgent_hour"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    NATURAL_DAY = "natural_day"


class Limit(Contract):
    """How long a stage may take; ``amount`` may be a fraction (0.01 urgent hours are 36 s)."""

    amount: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
    """How many of the unit."""
    unit: LimitUnit
    """In which of the four units it counts."""


class Stage(StrEnum):
    """A stage with a clock (计时)."""

    FILING = "filing"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    HANDLE = "handle"
    VERIFY = "verify"
    TOTAL = "total"


class Limits(Contract):
    """The limits of a case per stage; a stage without one has no clock."""

    dispatch: Limit | None = None
    accept: Limit | None = None
    handle: Limit | None = None
    verify: Limit | None = None
    total: Limit | None = None


class Actor(Contract):
    """Who acted: a pseudonymous subject, the roles that it had, and its unit where it has one."""

    subject: Id
    """A pseudonym; never a name or an address."""
    roles: tuple[str, ...] = ()
    """The roles at the time, in alphabetical order."""
    unit: str | None = None
    """The code of its unit."""
    area: str | None = None
    """The code of the area within which it may act."""


ANONYMOUS = "anonymous"
"""The subject of whoever shows no credentials; nobody can prove to be it."""


def extra_fields(data: BaseModel) -> Mapping[str, Any]:
    """The top-level fields of an event that this version of its contract does not know."""
    return data.model_extra or {}
