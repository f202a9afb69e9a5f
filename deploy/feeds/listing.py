"""A YAML or JSON list: what it says, on which lines that stands, and which fields stand twice."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from deploy.feeds.faults import Fault

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Both are safe; the one in C, where there is one, reads a hundred thousand entries in seconds."""
Path = Sequence[int | str]
Twice = list[tuple[int, Fault]]
"""Fields that stand twice, each with the number of its entry in the list, from 0."""


def loaded(text: str) -> tuple[Any, Twice]:
    """What a text says, and the fields that stand twice, of which the first would be lost.

    Raises ValueError or yaml.YAMLError where it is neither JSON nor YAML.
    """
    if _is_json(text):
        return _loaded_json(text)
    loader = LOADER(text)
    try:
        root = loader.get_single_node()
        twice = [*_twice(root)]  # before what is merged (<<) is mixed in
        return None if root is None else loader.construct_document(root), twice
    finally:
        loader.dispose()


def starts(text: str) -> list[int]:
    """The line on which each entry of a list begins, from 1."""
    if not _is_json(text):
        root: Any = yaml.compose(text, Loader=LOADER)
        return [node.start_mark.line + 1 for node in root.value]
    decoder, found = json.JSONDecoder(), []
    at = _after_space(text, text.index("[") + 1)
    line, counted = 1, 0
    while text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        found.append(line)
        at = _after_space(text, decoder.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _after_space(text, at + 1)
    return found


def lines(text: str, places: Sequence[Path]) -> list[int]:
    """The lines of places (numbers from 0, names of fields) in a list, from 1.

    What is not there has the line of what is around it.
    """
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError:  # a JSON may be none, for example for the pairs of its \\u escapes
        begin = starts(text)
        return [begin[int(place[0])] for place in places]
    return [_line(root, place) for place in places]


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("[")


def _loaded_json(text: str) -> tuple[Any, Twice]:
    """A list without fields that stand twice needs no lines, and is read as fast as can be."""
    lost: list[str] = []

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            lost.extend(name for name in found if names.count(name) > 1)
        return found

    raw = json.loads(text, object_pairs_hook=fields)
    if not lost:
        return raw, []
    try:
        return raw, [*_twice(yaml.compose(text, Loader=LOADER))]
    except yaml.YAMLError as error:
        message = f"{lost[0]} stands twice in one entry; each field may stand once"
        raise ValueError(message) from error


def _twice(root: Any) -> Iterator[tuple[int, Fault]]:  # noqa: ANN401 - PyYAML's nodes are untyped
    """The fields that stand twice in a mapping of a list's entries, at any depth."""
    if not isinstance(root, yaml.SequenceNode):
        return
    seen: set[int] = set()  # what an alias means is read once
    for number, entry in enumerate(root.value):
        waiting = [entry]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                waiting += node.value
            elif isinstance(node, yaml.MappingNode):
                waiting += [value for _, value in node.value]
                yield from ((number, fault) for fault in _twice_in(node))


def _twice_in(node: Any) -> Iterator[Fault]:  # noqa: ANN401
    first: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        line = int(key.start_mark.line) + 1
        if key.value in first:
            said = f"{key.value}: it stands at line {first[key.value]} already; say it once"
            yield Fault(line, said)
        first.setdefault(key.value, line)


def _line(node: Any, place: Path) -> int:  # noqa: ANN401
    """The line of the innermost node on the way to a place, from 1; of a field, of its name."""
    line = int(node.start_mark.line)
    for step in place:
        begin: Any = None
        following: Any = None
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            following = node.value[step] if step < len(node.value) else None
            begin = following
        elif isinstance(node, yaml.MappingNode):
            pairs = ((key, value) for key, value in node.value if key.value == str(step))
            begin, following = next(pairs, (None, None))
        if following is None:
            break
        node, line = following, int(begin.start_mark.line)
    return line + 1


def _after_space(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at
