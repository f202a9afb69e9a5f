"""Which place an address means (地址匹配): the longest name of a place that stands in it."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from shared.contracts.registry_v1 import EntrySet, Place
from shared.registry.distance import metres

MIN_SCORE = 40.0
"""An address that fits less is not matched."""
SAME_PLACE_M = 100.0
"""Places of one name that are farther apart than this are not to be told apart by it."""
MAX_OF_A_NAME = 20
"""A name that more places have is a common noun (公厕) and says nothing."""
MIN_NAME, MAX_NAME = 2, 200
"""Signs of a name."""
MAX_ADDRESS = 500
LESS_FOR_A_SIGN, LESS_FOR_A_STREET = 3, 65
STREETS = ("路", "街", "道", "巷", "弄", "胡同")

Version = tuple[EntrySet, Place]
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_DIGIT, _NUMERAL = "一二三四五六七八九", "〇零一二三四五六七八九十百千0-9"
_TENS = re.compile(
    rf"(?<![{_NUMERAL}])"
    rf"(?:(?P<hundreds>[{_DIGIT}])百(?:(?=[号弄巷栋幢室])|[零〇](?=[{_DIGIT}])|(?=[{_DIGIT}]?十)))?"
    rf"(?:(?P<tens>[{_DIGIT}])?(?P<ten>十))?(?P<ones>[{_DIGIT}])?(?![{_NUMERAL}字])"
)
"""A numeral up to 999. A bare hundred is one before what is counted only (一百号, 第一百货 is no
number), and ten is none before 字 (十字路口)."""
_WORD = "0-9a-z\u00df-\u024f"
_MARKS = re.compile(r"[\s,.;:、。·'\"‘’“”()\[\]]+")
_NEEDLESS = re.compile(rf"(?<![{_WORD}]) | (?![{_WORD}])")
_OF_A_WORD = re.compile(rf"[{_WORD}]")
_NUMBER = re.compile(r"\d|十(?!字)")
_NUMBER_BEFORE = re.compile(r"\d[a-z]? $")


@dataclass(frozen=True, slots=True)
class Match:
    """The place that an address means, and how well it fits: from 0 to 100.

    100 where the address ends with the name; less 3 for each sign that follows, because it may lead
    away from the place; less 65 where the name is a street's only and the address has a number in
    it.
    """

    place: Place
    score: float


def normalized(text: str) -> str:
    """The text without what people write differently.

    Wide signs become narrow ones, capitals small, Chinese numerals (up to 999) and digits Arabic
    ones; marks are left out, and spaces too unless they part two words or numbers.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _TENS.sub(_arabic, plain).translate(_DIGITS)
    return _NEEDLESS.sub("", _MARKS.sub(" ", plain).strip())


def _arabic(found: re.Match[str]) -> str:
    """A numeral with tens or hundreds in digits; one without is translated digit by digit."""
    hundreds, tens, ten, ones = found.group("hundreds", "tens", "ten", "ones")
    if hundreds is None and ten is None:
        return found.group()
    value = 100 * _value(hundreds, 0) + 10 * _value(tens, 1 if ten else 0) + _value(ones, 0)
    return str(value)


def _value(digit: str | None, otherwise: int) -> int:
    return otherwise if digit is None else _DIGIT.index(digit) + 1


class PlaceIndex:
    """The names of all versions of places, sorted, so that those in a text are found by bisection.

    All names with which a text begins are beginnings of its neighbour in the sorted list; so each
    name knows the longest other name that it begins with.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        holders: dict[str, dict[str, list[Version]]] = {}
        for one, place in versions:
            for name in {*map(normalized, (place.names.zh, place.names.en, *place.aliases))}:
                if MIN_NAME <= len(name) <= MAX_NAME:
                    holders.setdefault(name, {}).setdefault(place.code, []).append((one, place))
        self._names = sorted(name for name, by in holders.items() if len(by) <= MAX_OF_A_NAME)
        self._holders = [
            [version for code in sorted(holders[name]) for version in holders[name][code]]
            for name in self._names
        ]
        self._shorter = _beginnings(self._names)

    def find(self, address: str, valid: Callable[[EntrySet], bool]) -> Match | None:
        """The place of an address among the versions that are valid.

        None where no name stands in it, where the longest are of places too far apart, or where
        it fits too badly.
        """
        text = normalized(address[:MAX_ADDRESS])
        longest = 0
        found: dict[str, Match] = {}
        for start in range(len(text)):
            for name in self._names_at(text, start, longest):
                if places := self._valid(name, valid):
                    length = len(self._names[name])
                    if length > longest:
                        longest, found = length, {}
                    score = _score(text, start, start + length)
                    for place in places:
                        before = found.get(place.code)
                        if before is None or before.score < score:
                            found[place.code] = Match(place, score)
                    break
        return _agreed(list(found.values()))

    def _names_at(self, text: str, start: int, at_least: int) -> Iterator[int]:
        """The names that stand at a place of a text as whole words, the longest first."""
        if not _whole(text, start):
            return
        name = bisect_right(self._names, text[start : start + MAX_NAME]) - 1
        while name >= 0 and len(self._names[name]) >= at_least:
            if text.startswith(self._names[name], start) and _whole(
                text, start + len(self._names[name])
            ):
                yield name
            name = self._shorter[name]

    def _valid(self, name: int, valid: Callable[[EntrySet], bool]) -> list[Place]:
        return [place for version, place in self._holders[name] if valid(version)]


def _beginnings(names: Sequence[str]) -> list[int]:
    """Of each of the sorted names the longest other one with which it begins, -1 for none."""
    found: list[int] = []
    open_: list[int] = []
    for number, name in enumerate(names):
        while open_ and not name.startswith(names[open_[-1]]):
            open_.pop()
        found.append(open_[-1] if open_ else -1)
        open_.append(number)
    return found


def _whole(text: str, at: int) -> bool:
    """Whether no word or number is cut in two there: 10 does not stand in 100."""
    return not (
        0 < at < len(text) and _OF_A_WORD.match(text, at - 1) and _OF_A_WORD.match(text, at)
    )


def _score(text: str, start: int, end: int) -> float:
    score = 100.0 - LESS_FOR_A_SIGN * (len(text) - end)
    chinese = text.endswith(STREETS, start, end) and _NUMBER.match(text, end)
    if chinese or (_OF_A_WORD.match(text, start) and _NUMBER_BEFORE.search(text[:start])):
        score -= LESS_FOR_A_STREET
    return max(0.0, score)


def _agreed(found: list[Match]) -> Match | None:
    """The best of the matches (of equal ones the first by code), if they mean one place."""
    if not found or len(found) > MAX_OF_A_NAME:
        return None
    spots = [match.place.location.coordinates for match in found]
    if any(metres(*one, *other) > SAME_PLACE_M for one, other in combinations(spots, 2)):
        return None
    best = min(found, key=lambda match: (-match.score, match.place.code))
    return best if best.score >= MIN_SCORE else None
