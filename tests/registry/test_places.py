"""Which place an address means: the longest name in it, of one place only, and fast."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.places import index_of, names_and_addresses
from shared.contracts.base import Names, Point
from shared.contracts.registry_v1 import EntrySet, Place
from shared.registry.places import MIN_SCORE, PlaceIndex, normalized
from shared.registry.snapshot import Snapshot
from tests.registry.entries import EPOCH, alone, policy, version

NOW = EPOCH + timedelta(days=1)
A_KILOMETRE = 0.01


def place(code: str, zh: str, *aliases: str, en: str = "", east: float = 0.0) -> Place:
    """A place so many degrees to the east of one point."""
    location = Point(coordinates=(120.0 + east, 30.0))
    return Place(
        code=code, names=Names(zh=zh, en=en or f"the {code}"), aliases=aliases, location=location
    )


def city(*places: Place) -> Snapshot:
    versions = [version(one, alone(one.code)) for one in places]
    return Snapshot().with_changes(versions, len(versions))


CITY = city(
    place("square", "人民广场", "中心广场", en="People's Square"),
    place("station", "人民广场地铁站", en="People's Square Metro", east=A_KILOMETRE),
    place("road", "人民路", en="Renmin Road", east=2 * A_KILOMETRE),
    place("house", "人民路88号", "人民路 88-1 号", en="88 Renmin Road", east=3 * A_KILOMETRE),
    place("block", "滨江花园3幢", east=4 * A_KILOMETRE),
    place("north-gate", "第一医院", east=5 * A_KILOMETRE),
    place("south-gate", "第一医院", east=5 * A_KILOMETRE + 0.0005),
    place("school-1", "实验小学", east=6 * A_KILOMETRE),
    place("school-2", "实验小学", east=7 * A_KILOMETRE),
)


def found(address: str, registry: Snapshot = CITY) -> tuple[str, float] | None:
    match = registry.place_of(address, NOW)
    return None if match is None else (match.place.code, match.score)


@pytest.mark.parametrize(
    ("address", "code", "score"),
    [
        ("人民广场", "square", 100),
        ("临江市滨江区人民广场", "square", 100),
        ("临江市 滨江区 中心广场", "square", 100),
        ("人民广场地铁站", "station", 100),
        ("人民广场地铁站B口", "station", 94),
        ("人民路八十八号", "house", 100),
        ("人民路十字路口", "road", 88),
        ("人民广场2号线", "square", 91),
        ("人民路88号", "house", 100),
        ("人民路８８号", "house", 100),
        ("人民路八八号", "house", 100),
        ("人民路88-1号", "house", 100),
        ("人民路88号旁边", "house", 94),
        ("滨江花园三幢502室", "block", 88),
        ("At the PEOPLE'S  SQUARE", "square", 100),
        ("near People’s Square", "square", 100),
        ("88 Renmin Road", "house", 100),
        ("Renmin Road", "road", 100),
        ("人民路", "road", 100),
        ("第一医院", "north-gate", 100),  # two of one name beside each other are one place
    ],
)
def test_an_address_means_the_longest_name_in_it(address: str, code: str, score: float) -> None:
    assert found(address) == (code, score)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "，。",
        "某处",
        "人民",
        "人民路89号",  # the street is long, and this is another house
        "人民路188号",
        "188 Renmin Road",
        "实验小学",  # which of the two
        "实验小学与人民广场",  # of equally long names neither
        "xRenmin Roads",  # parts of other words
        "人民广场地铁站出来以后往东走三公里左右的那家新华书店的后门口",  # leads away
    ],
)
def test_what_does_not_fit_is_not_matched(address: str) -> None:
    assert found(address) is None


def test_a_name_that_many_places_have_says_nothing() -> None:
    toilets = [place(f"wc-{number}", "公共厕所") for number in range(21)]
    assert found("公共厕所", city(*toilets[:20])) == ("wc-0", 100)
    assert found("公共厕所", city(*toilets)) is None
    assert found("人民广场公共厕所", city(*toilets, place("square", "人民广场"))) == ("square", 88)


def test_places_hold_from_and_until() -> None:
    later = NOW + timedelta(days=10)
    old = version(place("a", "老码头"), alone("1"))
    renamed = version(place("a", "新码头"), alone("2"), 2, since=later)
    gone = version(place("a", "新码头"), alone("3"), 3, since=later, until=later + timedelta(1))
    registry = Snapshot().with_changes([old, renamed, gone], 3)
    days = [NOW, later, later + timedelta(days=1)]
    names = [
        [registry.place_of(name, day) is not None for name in ("老码头", "新码头")] for day in days
    ]
    assert names == [[True, False], [False, True], [False, False]]


def test_a_shorter_name_in_force_is_found_behind_a_longer_one_that_ended() -> None:
    ended = version(place("b", "东湖公园西门"), alone("b"), until=NOW)
    registry = Snapshot().with_changes([version(place("a", "东湖公园"), alone("a")), ended], 2)
    assert found("东湖公园西门", registry) == ("a", 94)


def test_the_index_is_kept_while_no_place_changes() -> None:
    before = CITY.prepare()
    other = before.with_changes([version(policy("9901"), alone("p"))], 100)
    assert other.places is before.places
    moved = before.with_changes([version(place("new", "新地方"), alone("n"))], 101)
    assert moved.places is not before.places
    assert found("新地方", moved) == ("new", 100)


texts = st.text("ab1 一路号", max_size=12)
names = st.text("ab1一路号", min_size=2, max_size=5).filter(lambda name: len(normalized(name)) > 1)


@given(st.lists(st.tuples(names, st.booleans()), max_size=12), texts)
def test_the_index_finds_what_a_look_at_every_name_finds(
    entries: list[tuple[str, bool]], address: str
) -> None:
    versions = [
        (version(one, alone("c"), until=None if holds else NOW), one)
        for number, (name, holds) in enumerate(entries)
        for one in [place(f"p{number}", name, en=name, east=number * A_KILOMETRE)]
    ]
    match = PlaceIndex(versions).find(address, lambda one: one.valid_until is None)
    text = f" {normalized(address)} "
    longest: dict[int, set[str]] = {}
    for one, entry in versions:
        name = normalized(entry.names.zh)
        if one.valid_until is None and any(
            _whole(text, at, at + len(name)) for at in range(len(text)) if text.startswith(name, at)
        ):
            longest.setdefault(len(name), set()).add(entry.code)
    codes = longest[max(longest)] if longest else set()
    if match is None:
        assert len(codes) != 1 or _bad(versions, codes)
    else:
        assert codes == {match.place.code}
        assert match.score >= MIN_SCORE


def _whole(text: str, start: int, end: int) -> bool:
    latin = "ab1"
    return not (
        (text[start - 1] in latin and text[start] in latin)
        or (text[end - 1] in latin and text[end] in latin)
    )


def _bad(versions: list[tuple[EntrySet, Place]], codes: set[str]) -> bool:
    """Whether the only one is a street's, and a number stands beside it: for what is so short."""
    (name,) = (normalized(entry.names.zh) for _, entry in versions if entry.code in codes)
    return name.endswith("路") or name[0] in "ab1"


@given(st.text(max_size=300))
def test_whatever_is_written_can_be_compared(text: str) -> None:
    once = normalized(text)
    assert once == once.strip()
    assert found(text) == found(f"  {text}  ")


class Counted(list[str]):
    """A list that counts how often one of its elements is looked at."""

    looked = 0

    def __iter__(self) -> Iterator[str]:
        self.looked += len(self)
        return super().__iter__()

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - as a list's
        self.looked += 1
        return super().__getitem__(at)


def test_of_fifty_thousand_places_an_address_is_compared_with_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn, addresses = names_and_addresses()
    index = index_of(drawn)
    names = Counted(index._names)
    monkeypatch.setattr(index, "_names", names)
    signs = sum(len(normalized(one)) for one in addresses)
    for address in addresses:
        index.find(address, lambda _one: True)
    halvings = len(names).bit_length()
    assert len(names) > 40_000
    assert 0 < names.looked < signs * (halvings + 4)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("人民路十号", "人民路10号"),
        ("人民路十八号", "人民路18号"),
        ("二十号", "20号"),
        ("二十一弄", "21弄"),
        ("一百号", "100号"),
        ("一百零八号", "108号"),
        ("一百十八号", "118号"),
        ("九百九十九号", "999号"),
        ("二〇二五", "2025"),
        ("八一路", "81路"),
        ("三元桥", "3元桥"),
        ("十里铺", "10里铺"),
        ("第一百货商店", "第1百货商店"),
        ("百花路", "百花路"),
        ("八一路十字路口", "81路十字路口"),
    ],
)
def test_numerals_are_digits_and_names_stay_names(text: str, plain: str) -> None:
    assert normalized(text) == plain


@given(st.integers(1, 999))
def test_a_number_in_words_is_the_number(number: int) -> None:
    assert normalized(f"人民路{in_words(number)}号") == f"人民路{number}号"


def in_words(number: int) -> str:
    """A number below a thousand as it is written on doors; ten without one where it begins."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    words = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (digits[ones] if ones else "")


@pytest.mark.parametrize("number", ["99", "十", "十八", "二十", "一百", "一百零八", "一百十八"])
def test_a_street_alone_does_not_locate_any_of_its_houses(number: str) -> None:
    assert found(f"人民路{number}号") is None


@pytest.mark.parametrize("name", ["十里铺", "二十里铺", "八一路", "三元桥", "第一百货", "一百"])
def test_a_name_with_a_numeral_is_found_wherever_it_stands(name: str) -> None:
    registry = city(place("it", name), place("road", "路", "人民路"))
    for address in (name, f"临江市{name}", f"3号，{name}", f"三号 {name}", f"{name}旁"):
        match = found(address, registry)
        assert match is not None, address
        assert match[0] == "it", address


def test_a_name_is_not_found_in_a_larger_number() -> None:
    registry = city(place("ten", "十里铺"), place("school", "一中"))
    assert found("二十里铺", registry) is None
    assert found("十一中", registry) is None
