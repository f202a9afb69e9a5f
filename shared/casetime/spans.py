"""The time of a case as spans without a gap or an overlap, from what its events say in order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from shared.casetime.standing import CLOSED, FILING, Standing, standing
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.time_v1 import RETURNED, TimeShares
from shared.worktime.natural import MILLISECOND


class Moment(NamedTuple):
    """What an event says: when, of which type it is, what the case waits for from then on."""

    at: datetime
    type: str
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Span:
    """Time that a case waited for one thing."""

    standing: Standing
    since: datetime
    until: datetime
    returned: bool = False
    """Whether it was with a unit whose return was granted later."""

    @property
    def unit(self) -> str | None:
        """The unit whose time it is."""
        return None if self.returned else self.standing.unit

    @property
    def ms(self) -> int:
        """How long, in milliseconds."""
        return (self.until - self.since) // MILLISECOND

    @property
    def share(self) -> str:
        """Under which share of the ledger it is counted."""
        return f"{self.standing.stage}/{RETURNED}" if self.returned else self.standing.share


@dataclass(slots=True)
class Tiling:
    """The spans of a case so far; ``waiting`` is what it waits for since ``since``, if anything."""

    counts_from: datetime
    spans: list[Span] = field(default_factory=list)
    waiting: Standing | None = None
    since: datetime = field(init=False)
    filed: bool = False

    def __post_init__(self) -> None:
        self.since = self.counts_from

    def take(self, moment: Moment) -> None:
        """Take the next event of the case; one that took effect before the last adds nothing."""
        if moment.type == CaseFiled.TYPE:
            self.spans, self.filed = [], True
            self.waiting, self.since = FILING, self.counts_from
        if not self.filed or (self.waiting is None and moment.standing is None):
            return
        self._pass(self.waiting or CLOSED, max(moment.at, self.since))
        if moment.type == ReturnGranted.TYPE and self.waiting is not None:
            gone = self.waiting.holder
            self.spans = [_given_back(one) if one.unit == gone else one for one in self.spans]
        self.waiting = moment.standing

    def at(self, now: datetime) -> list[Span]:
        """All spans, with what runs on as far as it has come; never back behind the last event."""
        if self.waiting is None or now <= self.since:
            return list(self.spans)
        return [*self.spans, Span(self.waiting, self.since, now)]

    def shares(self) -> TimeShares:
        """What has passed until the last event."""
        return shares(self.spans)

    def _pass(self, waited: Standing, until: datetime) -> None:
        last = self.spans[-1] if self.spans else None
        if last is not None and last.standing == waited and not last.returned:
            self.spans[-1] = replace(last, until=until)
        elif until > self.since:
            self.spans.append(Span(waited, self.since, until))
        self.since = until


def moment(data: CaseEvent) -> Moment:
    """What an event of a case says."""
    return Moment(data.at, data.TYPE, standing(data.case))


def shares(spans: Iterable[Span]) -> TimeShares:
    """How long in all, in milliseconds, as a ledger has it."""
    found: Counter[str] = Counter()
    for one in spans:
        found[one.share] += one.ms
    return dict(found)


def _given_back(span: Span) -> Span:
    return replace(span, returned=True) if span.unit is not None else span
