"""Pure: the registry as it was at any version, with the routing rules of today or of a draft."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from services.intake.domain.findings import Finding
from services.intake.domain.rule_names import missing_names
from shared.contracts.registry_v1 import Area, Change, Entry, EntrySet, Matter, Unit
from shared.contracts.routing_rules import Rules
from shared.registry.changes import ChangeGatherer
from shared.registry.snapshot import BEFORE_ALL, Snapshot

KEPT = 32
"""Registries that are kept; decisions come roughly in the order of their versions."""


@dataclass(frozen=True, slots=True)
class Registries:
    """One version three times: as it was, with the rules of today, with those of the draft."""

    then: Snapshot
    today: Snapshot
    draft: Snapshot


@dataclass
class Archive:
    """The registry topic (offset and entry, in order), and draft rules by area.

    The draft replaces the rules of the areas that it names; other areas keep today's.
    """

    entries: Sequence[tuple[int, EntrySet]]
    draft: Mapping[str, Rules]
    now: datetime
    """Today: the rules that are in force then."""
    _kept: dict[int, Registries] = field(default_factory=dict)

    def at(self, version: int) -> Registries:
        """The registries of a version."""
        found = self._kept.get(version)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            then = self._snapshot(version)
            today, draft = self.rules_today, {**self.rules_today, **self.draft}
            found = Registries(then, with_rules(then, today), with_rules(then, draft))
            self._kept[version] = found
        return found

    @cached_property
    def rules_today(self) -> Mapping[str, Rules]:
        """The rules in force today, by area."""
        return {one.code: one for one in self._newest.in_force(Rules, self.now)}

    @cached_property
    def unknown_names(self) -> Sequence[Finding]:
        """The rules by which the draft names what is not in force today: they would never hold.

        Those that are in force as they are bring nothing new.
        """
        there: list[Entry] = [
            *self.rules_today.values(),
            *self._newest.in_force(Matter, self.now),
            *self._newest.in_force(Area, self.now),
            *self._newest.in_force(Unit, self.now),
        ]
        return missing_names(there, self.draft.values(), ())

    @cached_property
    def _newest(self) -> Snapshot:
        return self._snapshot(max((offset for offset, _ in self.entries), default=-1))

    def _snapshot(self, version: int) -> Snapshot:
        gatherer = ChangeGatherer()
        for offset, one in self.entries:
            if offset > version:
                break
            gatherer.take(one, offset)
        gatherer.pass_over(version)
        return gatherer.snapshot()


def with_rules(snapshot: Snapshot, rules: Mapping[str, Rules]) -> Snapshot:
    """A registry with these routing rules, in force since ever, and no others."""
    others = {key: one for key, one in snapshot.versions.items() if not key.startswith("rules/")}
    return Snapshot(snapshot.version, others).with_changes(
        _versions(rules.values()), snapshot.version
    )


def _versions(rules: Iterable[Rules]) -> list[EntrySet]:
    return [
        EntrySet(
            key=f"rules/{one.code}",
            n=1,
            valid_from=BEFORE_ALL,
            change=Change(id=f"trial-{one.code}", part=1, count=1),
            entry=one,
        )
        for one in rules
    ]
