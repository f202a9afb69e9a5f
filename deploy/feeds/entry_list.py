"""The registry's own entries as a YAML or JSON list: read with what is wrong by line, and written.

Limits may be written as people say them (``2 h``), and the kind be left out where it is known.
What no contract knows is a mistake: a field that was misspelt would else go without a word.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from deploy.feeds import listing, spelling
from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault, located
from deploy.feeds.listing import Path
from shared.contracts.base import KNOWN_WORDS, Limit, Limits
from shared.contracts.calendars import Calendar
from shared.contracts.flows import Flow
from shared.contracts.registry_v1 import ENTRIES, Entry, FilingCondition, Matter, entry_key
from shared.registry.spans import Validity, ValidityError, apart

_entry: TypeAdapter[Entry] = TypeAdapter(Entry)
WRITTEN_BY_INTAKE = {"public", "known_from", "known_until"}
"""Of a calendar: hundreds of days that nobody has to write, and that follow from its country."""
NONE: Mapping[str, Validity] = {}


class MisspeltError(ValueError):
    """A limit that is written as nobody writes one; ``place`` is the way to it in its entry."""

    def __init__(self, said: str, place: Path) -> None:
        super().__init__(said)
        self.place = place


def read(
    text: str,
    kinds: set[str],
    validities: dict[str, Validity] | None = None,
    numbers: list[int] | None = None,
) -> tuple[list[Entry], list[Fault]]:
    """The entries of these kinds and, instead of those that are not valid, what is wrong.

    From when until when an entry holds, where it says so, is put into ``validities``; its number
    in the list, from 0, into ``numbers``.

    Raises FeedError where the text is no list at all.
    """
    try:
        raw, twice = listing.loaded(text)
    except (ValueError, yaml.YAMLError) as error:
        raise FeedError(f"the file cannot be read: {error}", "无法读取文件") from error
    if not isinstance(raw, list):
        raise FeedError(
            "the file holds no list: write one entry after another, each begun by a '-'",
            "文件内容不是列表：每个条目以“-”开头",
        )
    meant = {number: one for number, one in enumerate(raw) if not _is_other(one, kinds)}
    found: list[Entry] = []
    wrong: list[tuple[Path, str]] = []
    for number, one in meant.items():
        try:
            found.append(_taken(one, kinds, validities))
            if numbers is not None:
                numbers.append(number)
        except ValidityError as error:
            wrong.append(((number, error.field), str(error)))
        except ValidationError as error:
            wrong += [((number, *place), said) for place, said in located(error, "kind")]
        except MisspeltError as error:
            wrong.append(((number, *error.place), str(error)))
    lost = [fault for number, fault in twice if number in meant]
    return found, [*lost, *_by_line(text, wrong)]


def _is_other(one: object, kinds: set[str]) -> bool:
    """Whether another kind is meant; an entry of no kind that there is, is a mistake."""
    return isinstance(one, dict) and one.get("kind") in ENTRIES.keys() - kinds


def _taken(one: object, kinds: set[str], validities: dict[str, Validity] | None) -> Entry:
    plain, validity = apart(one) if isinstance(one, dict) else (one, Validity())
    entry = _entry.validate_python(_plain(plain, kinds), extra="forbid", context=KNOWN_WORDS)
    if validity and validities is not None:
        validities[entry_key(entry)] = validity
    return entry


def _plain(raw: object, kinds: set[str]) -> object:
    """The entry with its kind and with limits as the contract has them."""
    if not isinstance(raw, dict):
        return raw
    kind = {"kind": next(iter(kinds))} if len(kinds) == 1 else {}
    read_: dict[str, Any] = kind | raw
    if isinstance(conditions := raw.get("conditions"), list):
        read_["conditions"] = _each("conditions", conditions, with_limits)
    if isinstance(states := raw.get("states"), list):
        read_["states"] = _each("states", states, with_limit)
    return read_ | with_repeats(raw)


def with_limit(raw: object) -> object:
    """A state of a flow with its limit as the contract has it. Raises MisspeltError."""
    if not isinstance(raw, dict) or "limit" not in raw:
        return raw
    with _at("limit"):
        return raw | {"limit": _as_limit(raw["limit"])}


def with_repeats(raw: Mapping[str, object]) -> dict[str, object]:
    """The ladders of a policy with their repeats as the contract has them. Raises MisspeltError."""
    ladders = {name: raw.get(name) for name in ("ladder", "notice_ladder")}
    return {
        name: _each(name, steps, _with_repeat)
        for name, steps in ladders.items()
        if isinstance(steps, list)
    }


def _with_repeat(raw: object) -> object:
    if not isinstance(raw, dict) or not isinstance(repeat := raw.get("repeat"), dict):
        return raw
    with _at("repeat", "every"):
        return raw | {"repeat": repeat | {"every": _as_limit(repeat.get("every"))}}


def with_limits(raw: object) -> object:
    """A filing condition with its limits as the contract has them. Raises MisspeltError."""
    if not isinstance(raw, dict):
        return raw
    read_ = dict(raw)
    if isinstance(limits := raw.get("limits"), dict):
        read_["limits"] = found = dict(limits)
        for stage, one in limits.items():
            with _at("limits", stage):
                found[stage] = _as_limit(one)
    if "make_safe" in raw:
        with _at("make_safe"):
            read_["make_safe"] = _as_limit(raw["make_safe"])
    return read_


def _each(name: str, items: Sequence[object], read_: Callable[[object], object]) -> list[object]:
    found: list[object] = []
    for number, one in enumerate(items):
        with _at(name, number):
            found.append(read_(one))
    return found


@contextmanager
def _at(*place: int | str) -> Iterator[None]:
    """A mistake in it has its place from here on."""
    try:
        yield
    except MisspeltError as error:
        raise MisspeltError(str(error), (*place, *error.place)) from error
    except ValidationError as error:
        raise MisspeltError(error.errors()[0]["msg"], place) from error
    except ValueError as error:
        raise MisspeltError(str(error), place) from error


def _as_limit(one: object) -> object:
    return spelling.limit(one) if isinstance(one, str) else one


def _by_line(text: str, wrong: Sequence[tuple[Path, str]]) -> list[Fault]:
    """The faults with the lines where they stand; the text is only then read once more."""
    if not wrong:
        return []
    lines = listing.lines(text, [place for place, _ in wrong])
    return [
        Fault(line, f"{'.'.join(map(str, place[1:]))}: {said}".lstrip(": "))
        for line, (place, said) in zip(lines, wrong, strict=True)
    ]


def write(entries: Iterable[Entry], validities: Mapping[str, Validity] = NONE) -> str:
    """The entries as YAML, without what goes without saying; ``read`` gives the same ones."""
    raw = [written(one) | validities.get(entry_key(one), Validity()).raw() for one in entries]
    return yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=100)


def written(entry: Entry) -> dict[str, Any]:
    """An entry as the list has it."""
    left_out = WRITTEN_BY_INTAKE if isinstance(entry, Calendar) else None
    raw = {"kind": entry.kind} | entry.model_dump(
        mode="json", exclude_defaults=True, exclude=left_out
    )
    if isinstance(entry, Matter):
        raw["conditions"] = [
            one | {"limits": _limits(condition)} | _safely(condition)
            for one, condition in zip(raw["conditions"], entry.conditions, strict=True)
        ]
    if isinstance(entry, Flow):
        raw["states"] = [
            one | ({} if state.limit is None else {"limit": spelling.spelled(state.limit)})
            for one, state in zip(raw["states"], entry.states, strict=True)
        ]
    return raw


def _safely(condition: FilingCondition) -> dict[str, str]:
    limit = condition.make_safe
    return {} if limit is None else {"make_safe": spelling.spelled(limit)}


def _limits(condition: FilingCondition) -> dict[str, str]:
    limits = {stage: getattr(condition.limits, stage) for stage in Limits.model_fields}
    return {stage: spelling.spelled(one) for stage, one in limits.items() if isinstance(one, Limit)}
