"""Pure: what draft rules would change, case by case, by unit and by matter."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.trial.past import Given, Past, again, given_then
from deploy.trial.registries import Registries
from services.intake.domain.findings import Finding

NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Changed:
    """A case that the draft would give to others."""

    case_no: str
    incident: str
    matter: str
    today: Given
    draft: Given


@dataclass(slots=True)
class Outcome:
    """What a trial found; ``unlike`` are cases whose decision, made again, is not the log's."""

    cases: int = 0
    changed: list[Changed] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    warnings: Sequence[Finding] = ()
    """What of the draft could never hold."""

    def take(self, past: Past, registries: Registries) -> None:
        """Decide a past case again: as then, by today's rules, and by the draft."""
        self.cases += 1
        case_no = past.filed.case.case_no
        if again(past, registries.then) != given_then(past):
            self.unlike.append(case_no)
        today, draft = again(past, registries.today), again(past, registries.draft)
        if today.parts != draft.parts:
            matter = past.filed.case.matter.code
            incident = past.reported.incident_id
            self.changed.append(Changed(case_no, incident, matter, today, draft))

    def by_unit(self) -> Mapping[tuple[str, str], int]:
        """How many cases would lead to another unit: from whom, to whom; most first."""
        moves = Counter(
            (one.today.unit or NOBODY, one.draft.unit or NOBODY)
            for one in self.changed
            if one.today.unit != one.draft.unit
        )
        return dict(sorted(moves.items(), key=lambda item: (-item[1], item[0])))

    def by_matter(self) -> Mapping[str, int]:
        """How many cases of a matter would change; most first."""
        counts = Counter(one.matter for one in self.changed)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "cases": self.cases,
            "unlike_the_log": self.unlike,
            "changed": [
                {
                    "case_no": one.case_no,
                    "incident_id": one.incident,
                    "matter": one.matter,
                    "today": _as_json(one.today),
                    "draft": _as_json(one.draft),
                }
                for one in self.changed
            ],
            "by_unit": [
                {"from": here, "to": there, "cases": count}
                for (here, there), count in self.by_unit().items()
            ],
            "by_matter": self.by_matter(),
            "warnings": [
                {"code": one.code.value, "codes": list(one.codes), "zh": one.zh, "en": one.en}
                for one in self.warnings
            ],
        }


def _as_json(given: Given) -> dict[str, Any]:
    return {
        "unit": given.unit,
        "co_units": list(given.co_units),
        "cc": list(given.cc),
        "rule": given.rule,
    }
