"""What a notice says, in the words of one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import Formatter
from zoneinfo import ZoneInfo

from services.escalation.domain.about import About
from shared.contracts.base import (
    COMMUNITY_DIGITS,
    COUNTY_DIGITS,
    TOWN_DIGITS,
    Contract,
    Names,
    Stage,
)
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel
from shared.contracts.notice_targets import Language

MINUTES_A_DAY, MINUTES_AN_HOUR = 24 * 60, 60
CO = "co-"
"""How the names of tasks of units that co-operate begin."""


class Phrases(Contract):
    """What is said on one occasion, with fields in braces."""

    subject: str
    first: tuple[str, ...]
    """What has happened; a line with an empty field is left out, as in ``lines``."""
    ask: str
    """What to do."""


class Wording(Contract):
    """The words of one language; fields are those of `fields`."""

    stages: Mapping[Stage, str]
    tasks: Mapping[str, str]
    """Of clocks that are not of a stage alone."""
    levels: Mapping[SupervisionLevel, str]
    colours: Mapping[Colour, str]
    issuers: Mapping[str, str]
    reasons: Mapping[str, str]
    spans: Mapping[str, str]
    """``days``, ``hours``, ``minutes`` and ``moment`` (less): how a length of time is said."""
    lines: tuple[str, ...]
    """What is said of the case, whatever the occasion."""
    occasions: Mapping[str, Phrases]
    """By occasion; ``test`` is one, and ``mark_counted_anew`` of what is withdrawn."""


SHOWN = (COUNTY_DIGITS, TOWN_DIGITS, COMMUNITY_DIGITS)
"""The areas that a grid is said to lie in."""
BETWEEN = {Language.ZH: "", Language.EN: ", "}
Words = Mapping[Language, Wording]
"""The words of both languages."""


class Text(Contract):
    """A notice in words: plain text."""

    subject: str
    body: str
    """Lines, each for itself."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Puts notices into words."""

    words: Words
    link: str = ""
    """The address of a case, with ``{incident}``; empty: there is none."""
    names: Mapping[str, Names] = field(default_factory=dict)
    """Of units, matters and areas, by ``kind/code``; what has none goes by its code alone."""

    def text(self, about: About, language: Language, zone: str) -> Text:
        """What is said, with instants in an IANA zone; in both languages the Chinese first."""
        wanted = (Language.ZH, Language.EN) if language is Language.BOTH else (language,)
        texts = [self._in_one(one, about, zone) for one in wanted]
        return Text(
            subject=" / ".join(one.subject for one in texts),
            body="\n\n".join(one.body for one in texts),
        )

    def _in_one(self, language: Language, about: About, zone: str) -> Text:
        wording = self.words[language]
        said = fields(wording, about, zone, self.link) | self._named(language, about)
        phrases = wording.occasions[about.phrases]
        lines = [*phrases.first, phrases.ask, *wording.lines]
        return Text(
            subject=phrases.subject.format_map(said),
            body="\n".join(line.format_map(said) for line in lines if _whole(line, said)),
        )

    def _named(self, language: Language, about: About) -> dict[str, str]:
        """What is said of units, matters and places: their names, with the codes."""
        areas = [about.grid[:digits] for digits in SHOWN] if about.grid else []
        known = {
            "unit": [f"unit/{about.unit}"],
            "matter": [f"matter/{about.matter}"],
            "grid": [f"area/{code}" for code in areas],
            "issuer_area": [f"area/{about.issuer_area}"],
        }
        said = {}
        for name, keys in known.items():
            names = [getattr(self.names[key], language) for key in keys if key in self.names]
            if names:
                said[name] = f"{BETWEEN[language].join(names)} {getattr(about, name)}"
        return said


def fields(wording: Wording, about: About, zone: str, link: str) -> dict[str, str]:
    """All that may stand in braces; empty where it is not known."""
    found = {
        "case": about.case_no or about.incident_id or "",
        "target": about.target or "",
        "clock": _clock(wording, about),
        "unit": about.unit or "",
        "grid": about.grid or "",
        "matter": about.matter or "",
        "percent": "" if about.percent is None else str(about.percent),
        "level": "" if about.level is None else wording.levels[about.level],
        "previous": "" if about.previous is None else wording.levels[about.previous],
        "colour": "" if about.colour is None else wording.colours[about.colour],
        "number": "" if about.number is None else str(about.number),
        "of": "" if about.of is None else str(about.of),
        "issuer": wording.issuers.get(about.issuer or "", ""),
        "issuer_area": about.issuer_area or "",
        "reason": wording.reasons.get(about.reason or "", ""),
        "at": _wall(about.at, zone),
        "due": "" if about.due_at is None else _wall(about.due_at, zone),
        "anew": "" if about.due_anew is None else _wall(about.due_anew, zone),
        "late": "",
        "left": "",
        "link": "",
    }
    if about.due_at is not None:
        found["late"] = _span(wording, about.at - about.due_at)
        found["left"] = _span(wording, about.due_at - about.at)
    if link and about.incident_id:
        found["link"] = link.replace("{incident}", about.incident_id)
    return found


def _whole(line: str, said: Mapping[str, str]) -> bool:
    return all(said[name] for _, name, _, _ in Formatter().parse(line) if name is not None)


def _clock(wording: Wording, about: About) -> str:
    if about.stage is None:
        return ""
    stage = wording.stages[about.stage]
    if (about.task or "").startswith(CO):
        return f"{wording.tasks['co']} {stage}"
    return wording.tasks.get(about.task or "", stage)


def _wall(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _span(wording: Wording, length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds() // 60))
    days, rest = divmod(minutes, MINUTES_A_DAY)
    hours, left = divmod(rest, MINUTES_AN_HOUR)
    how = "days" if days else "hours" if hours else "minutes" if left else "moment"
    return wording.spans[how].format(days=days, hours=hours, minutes=left)
