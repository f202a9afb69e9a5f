"""Values of a record and texts made from them, as a mapping describes both."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, field_validator

Record = Mapping[str, Any]
"""A row of a table by its columns, or the properties of a GeoJSON feature."""
Known = Mapping[str, str | None]
"""The values of a record by name; None for what it lacks."""
Tables = Mapping[str, Mapping[str, str]]
"""Tables to look texts up in, by name."""

_NOT_IN_A_CODE = re.compile(r"[^a-z0-9]+")


class Part(BaseModel):
    """A piece of a mapping; what it does not know is a mistake in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(Part):
    """One value: a column's text, matched by a pattern, looked up in a table, made a slug."""

    column: str
    pattern: re.Pattern[str] | None = None
    """The first group of what matches is the value. No match: no value."""
    table: str | None = None
    """The name of a table to look the text up in."""
    keep: bool = False
    """What the table does not hold stays as it is, instead of having no value."""
    slug: bool = False
    """Only small letters, digits and hyphens, as in codes."""
    default: str | None = None
    """The value where there would be none."""

    def of(self, record: Record, tables: Tables) -> str | None:
        """The value in a record; None where it has none."""
        raw = record.get(self.column)
        text = "" if raw is None else str(raw).strip()
        if self.pattern is not None:
            found = self.pattern.search(text)
            text = found[1] if found else ""
        if self.table is not None:
            text = tables[self.table].get(text, text if self.keep else "")
        if self.slug:
            text = _NOT_IN_A_CODE.sub("-", text.lower()).strip("-")
        return text or self.default


class Template(RootModel[str]):
    """Text with values in braces, for example ``{city}{district:0>3}``."""

    model_config = ConfigDict(frozen=True)

    @field_validator("root")
    @classmethod
    def _names_only(cls, text: str) -> str:
        """Refuse what would reach into values: ``{a.b}``, ``{a[0]}``, ``{}``."""
        for _, name, _, _ in Formatter().parse(text):
            if name is not None and not name.isidentifier():
                message = f"{{{name}}} is not the name of a value"
                raise ValueError(message)
        return text

    @property
    def names(self) -> set[str]:
        """The names of the values that it uses."""
        return {name for _, name, _, _ in Formatter().parse(self.root) if name is not None}

    def fill(self, known: Known) -> str | None:
        """The text with the values in their places; None where one of them is missing."""
        if any(known[name] is None for name in self.names):
            return None
        return self.root.format_map(known)


class NamesTemplate(Part):
    """A name in both languages."""

    zh: Template
    en: Template

    def fill(self, known: Known) -> dict[str, str] | None:
        """Both names; None where one lacks a value."""
        zh, en = self.zh.fill(known), self.en.fill(known)
        return None if zh is None or en is None else {"zh": zh, "en": en}


def templates(value: object) -> Iterator[Template]:
    """Every template in a part of a mapping, at any depth."""
    if isinstance(value, Template):
        yield value
    elif isinstance(value, Part):
        for name in type(value).model_fields:
            yield from templates(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from templates(one)
