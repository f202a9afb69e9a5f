"""The registry's own entries as a YAML or JSON list: read with what is wrong by line, and written.

Limits may be written as people say them (``2 h``), and the kind be left out where it is known.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from deploy.feeds import spelling
from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault, located
from shared.contracts.base import Limit, Limits
from shared.contracts.calendars import Calendar
from shared.contracts.flows import Flow
from shared.contracts.registry_v1 import ENTRIES, Entry, FilingCondition, Matter
from shared.registry.spans import Validity, ValidityError, apart

_entry: TypeAdapter[Entry] = TypeAdapter(Entry)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Both are safe; the one in C, where there is one, reads a hundred thousand entries in seconds."""
WRITTEN_BY_INTAKE = {"public", "known_from", "known_until"}
"""Of a calendar: hundreds of days that nobody has to write, and that follow from its country."""
Path = Sequence[int | str]
NONE: Mapping[str, Validity] = {}


def read(
    text: str, kinds: set[str], validities: dict[str, Validity] | None = None
) -> tuple[list[Entry], list[Fault]]:
    """The entries of these kinds and, instead of those that are not valid, what is wrong.

    From when until when an entry holds, where it says so, is put into ``validities``.

    Raises FeedError where the text is no list at all.
    """
    try:
        raw = json.loads(text) if text.lstrip().startswith("[") else yaml.load(text, LOADER)  # noqa: S506 - see LOADER
    except (ValueError, yaml.YAMLError) as error:
        raise FeedError(f"the file cannot be read: {error}", "无法读取文件") from error
    if not isinstance(raw, list):
        raise FeedError(
            "the file holds no list: write one entry after another, each begun by a '-'",
            "文件内容不是列表：每个条目以“-”开头",
        )
    found: list[Entry] = []
    wrong: list[tuple[Path, str]] = []
    for number, one in enumerate(raw):
        # Entries of another kind are not meant; one of no kind that there is, is a mistake.
        if isinstance(one, dict) and one.get("kind") in ENTRIES.keys() - kinds:
            continue
        try:
            found.append(_taken(one, kinds, validities))
        except ValidityError as error:
            wrong.append(((number, error.field), str(error)))
        except ValidationError as error:
            wrong += [((number, *place), said) for place, said in located(error, "kind")]
        except ValueError as error:
            wrong.append(((number,), str(error)))
    return found, _by_line(text, wrong)


def _taken(one: object, kinds: set[str], validities: dict[str, Validity] | None) -> Entry:
    plain, validity = apart(one) if isinstance(one, dict) else (one, Validity())
    entry = _entry.validate_python(_plain(plain, kinds))
    if validity and validities is not None:
        validities[key_of(entry)] = validity
    return entry


def _plain(raw: object, kinds: set[str]) -> object:
    """The entry with its kind and with limits as the contract has them."""
    if not isinstance(raw, dict):
        return raw
    kind = {"kind": next(iter(kinds))} if len(kinds) == 1 else {}
    read_: dict[str, Any] = kind | raw
    if isinstance(conditions := raw.get("conditions"), list):
        read_["conditions"] = [with_limits(one) for one in conditions]
    if isinstance(states := raw.get("states"), list):
        read_["states"] = [with_limit(one) for one in states]
    return read_ | with_repeats(raw)


def with_limit(raw: object) -> object:
    """A state of a flow with its limit as the contract has it. Raises ValueError."""
    if not isinstance(raw, dict) or "limit" not in raw:
        return raw
    return raw | {"limit": _as_limit(raw["limit"])}


def with_repeats(raw: Mapping[str, object]) -> dict[str, object]:
    """The ladders of a policy with their repeats as the contract has them. Raises ValueError."""
    ladders = {name: raw.get(name) for name in ("ladder", "notice_ladder")}
    return {
        name: [_with_repeat(one) for one in steps]
        for name, steps in ladders.items()
        if isinstance(steps, list)
    }


def _with_repeat(raw: object) -> object:
    if not isinstance(raw, dict) or not isinstance(repeat := raw.get("repeat"), dict):
        return raw
    return raw | {"repeat": repeat | {"every": _as_limit(repeat.get("every"))}}


def with_limits(raw: object) -> object:
    """A filing condition with its limits as the contract has them. Raises ValueError."""
    if not isinstance(raw, dict):
        return raw
    read_ = dict(raw)
    if isinstance(limits := raw.get("limits"), dict):
        read_["limits"] = {stage: _as_limit(one) for stage, one in limits.items()}
    if "make_safe" in raw:
        read_["make_safe"] = _as_limit(raw["make_safe"])
    return read_


def _as_limit(one: object) -> object:
    return spelling.limit(one) if isinstance(one, str) else one


def _by_line(text: str, wrong: Iterable[tuple[Path, str]]) -> list[Fault]:
    """The faults with the lines where they stand; the text is only then read once more."""
    wrong = list(wrong)
    if not wrong:
        return []
    root = yaml.compose(text, Loader=LOADER)
    return [
        Fault(_line(root, place), f"{'.'.join(map(str, place[1:]))}: {said}".lstrip(": "))
        for place, said in wrong
    ]


def _line(node: Any, place: Path) -> int:  # noqa: ANN401 - PyYAML's nodes are untyped
    """The line of the innermost node on the way to a place, from 1."""
    line = int(node.start_mark.line)
    for step in place:
        following = None
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            following = node.value[step] if step < len(node.value) else None
        elif isinstance(node, yaml.MappingNode):
            following = next((value for key, value in node.value if key.value == step), None)
        if following is None:
            break
        node, line = following, int(following.start_mark.line)
    return line + 1


def key_of(entry: Entry) -> str:
    """``kind/code``, by which an entry is known."""
    return f"{entry.kind}/{entry.code}"


def write(entries: Iterable[Entry], validities: Mapping[str, Validity] = NONE) -> str:
    """The entries as YAML, without what goes without saying; ``read`` gives the same ones."""
    raw = [written(one) | validities.get(key_of(one), Validity()).raw() for one in entries]
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
