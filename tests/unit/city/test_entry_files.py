"""The list of matters as YAML and CSV: written is as read, and what is wrong has its line."""

from collections.abc import Callable
from datetime import UTC, date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import registry
from deploy.city import building
from deploy.feeds import entry_list, listing, matter_table, reading, spelling
from deploy.feeds.content import Content, refused
from deploy.feeds.differences import Difference, differences, of_validity
from deploy.feeds.errors import FeedError
from deploy.feeds.reading import Kind
from services.intake.domain.entry_rules import examine
from shared.contracts.base import Limit, Limits, LimitUnit, Names, Texts, to_instant
from shared.contracts.calendars import Calendar
from shared.contracts.incidents_v1 import Photo
from shared.contracts.registry_v1 import (
    Entry,
    FilingCondition,
    Matter,
    Near,
    ZoneClass,
    entry_key,
)
from shared.contracts.routing_rules import MatterClass, UnitKind
from shared.registry.spans import Validity

MATTERS = [one for one in building.build() if isinstance(one, Matter)]

words = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=">"),
    min_size=1,
    max_size=20,
)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True)
limits = st.builds(
    Limit,
    amount=st.floats(1e-6, 10_000, allow_nan=False) | st.integers(1, 100).map(float),
    unit=st.sampled_from(LimitUnit),
)
conditions = st.builds(
    FilingCondition,
    code=codes,
    names=st.builds(Names, zh=words, en=words),
    severity=st.integers(1, 5),
    zone_class=st.none() | st.sampled_from(ZoneClass),
    limits=st.builds(Limits, **{stage: st.none() | limits for stage in Limits.model_fields}),
    closing=st.none() | st.builds(Names, zh=words, en=words),
    photos=st.lists(st.sampled_from(Photo), unique=True).map(tuple),
    verify_before_filing=st.booleans(),
    emergency=st.booleans(),
    make_safe=st.none() | limits,
)
matters = st.builds(
    Matter,
    kind=st.just("matter"),
    code=codes,
    names=st.builds(Names, zh=words, en=words),
    klass=st.sampled_from(MatterClass),
    category=st.lists(words, max_size=3).map(tuple),
    lead_unit_kind=st.none() | st.sampled_from(UnitKind),
    co_unit_kinds=st.lists(st.sampled_from(UnitKind), unique=True).map(tuple),
    join_unit_kinds=st.none() | st.lists(st.sampled_from(UnitKind), unique=True).map(tuple),
    public=st.booleans(),
    guide=st.none() | st.builds(Texts, zh=words, en=words),
    component_class=st.none() | st.sampled_from(("0101", "0118")),
    snap_metres=st.just(20.0) | st.floats(0.1, 200),
    near=st.builds(Near, metres=st.just(50.0) | st.floats(0.1, 2_000), hours=st.floats(0.1, 720)),
    conditions=st.lists(conditions, min_size=1, max_size=3).map(tuple),
)
lists = st.lists(matters, max_size=4, unique_by=lambda one: one.code)
moments = st.datetimes(timezones=st.just(UTC)).map(to_instant)
validities = st.builds(
    Validity,
    valid_from=st.none() | st.dates() | moments,
    valid_until=st.none() | st.dates() | moments,
).filter(bool)


def dated(found: list[Matter]) -> st.SearchStrategy[tuple[list[Matter], dict[str, Validity]]]:
    """The matters, some of which hold for a time."""
    keys = st.sampled_from([entry_key(one) for one in found] or ["none"])
    some = st.dictionaries(keys, validities) if found else st.just({})
    return st.tuples(st.just(found), some)


@given(limits)
def test_a_limit_as_it_is_spelled_reads_as_itself(limit: Limit) -> None:
    assert spelling.limit(spelling.spelled(limit)) == limit


@pytest.mark.parametrize("text", ["36 s", "10 min", "2 h", "4 wh", "1.5 wd", "3 d"])
def test_a_limit_that_people_write_is_spelled_as_they_wrote_it(text: str) -> None:
    assert spelling.spelled(spelling.limit(text)) == text


@given(lists)
def test_a_list_is_read_as_it_was_written(found: list[Matter]) -> None:
    assert entry_list.read(entry_list.write(found), {"matter"}) == (found, [])


@settings(max_examples=30, deadline=None)
@given(lists.flatmap(dated))
def test_what_holds_for_a_time_is_read_as_it_was_written(
    given_: tuple[list[Matter], dict[str, Validity]],
) -> None:
    found, wanted = given_
    for read, text in (
        (partial(entry_list.read, kinds={"matter"}), entry_list.write(found, wanted)),
        (matter_table.read, matter_table.write(found, wanted)),
    ):
        noted: dict[str, Validity] = {}
        assert read(text, validities=noted) == (found, [])
        assert noted == wanted


def test_a_validity_with_a_mistake_has_its_line() -> None:
    lines = entry_list.write(MATTERS[:1]).splitlines()
    text = "\n".join((*lines, "  valid_until: next year"))
    noted: dict[str, Validity] = {}
    listed, (fault,) = entry_list.read(text, {"matter"}, noted)
    assert (listed, noted) == ([], {})
    assert (fault.number, fault.reason[:12]) == (len(lines) + 1, "valid_until:")
    rows = matter_table.write(MATTERS[:1], {entry_key(MATTERS[0]): Validity(date.max)})
    found, (fault,) = matter_table.read(rows.replace("9999-12-31", "9999-12-32"))
    assert (found, fault.number, fault.reason[:11]) == ([], 2, "valid_from:")


def test_a_dry_run_tells_where_an_entry_begins_or_ends_otherwise() -> None:
    now = {"valid_from": "a", "valid_until": None}
    assert of_validity(now, {"valid_from": None, "valid_until": None}) == []
    assert of_validity(now, {"valid_from": None, "valid_until": "b"}) == [
        Difference("valid_until", "-", "b")
    ]
    assert of_validity({}, {"valid_from": "a", "valid_until": "b"}) == [
        Difference("valid_from", "-", "a"), Difference("valid_until", "-", "b"),
    ]  # fmt: skip


@given(lists)
def test_a_table_is_read_as_it_was_written(found: list[Matter]) -> None:
    assert matter_table.read(matter_table.write(found)) == (found, [])


def test_the_demo_city_survives_both() -> None:
    assert matter_table.read(matter_table.write(MATTERS)) == (MATTERS, [])
    kinds: set[str] = {one.kind for one in building.build()}
    found, wrong = entry_list.read(entry_list.write(building.build()), kinds)
    assert wrong == []
    # A polygon of shapely's has tuples where a file has lists.
    assert [one.model_dump_json() for one in found] == [
        one.model_dump_json() for one in building.build()
    ]


YAML = """\
- code: lamp
  names: {zh: 灯, en: Lamp}
  klass: component
  conditions:
    - {code: out, names: {zh: 灭, en: Out}, limits: {handle: 1 d}}
- code: bin
  names: {zh: 箱}
  klass: furniture
  conditions:
    - code: full
      names: {zh: 满, en: Full}
      limits:
        handle: 2 fortnights
- just a text
"""


def test_mistakes_in_a_list_are_told_by_line_all_at_once() -> None:
    found, wrong = entry_list.read(YAML.replace("2 fortnights", "2 h"), {"matter"})
    assert [one.code for one in found] == ["lamp"]
    assert [(one.number, one.reason.partition(":")[0]) for one in wrong] == [
        (7, "names.en"),
        (8, "klass"),
        (14, "Input should be a valid dictionary or object to extract fields from"),
    ]


def test_a_kind_that_there_is_not_is_a_mistake_and_another_kind_is_not_meant() -> None:
    text = YAML.partition("- code: bin")[0]
    assert entry_list.read(text, {"unit", "policy"})[0] == []
    for kind, mistakes in (("mattr", 1), ("unit", 0)):
        found, wrong = entry_list.read(
            text.replace("- code", f"- kind: {kind}\n  code"), {"matter"}
        )
        assert (found, len(wrong)) == ([], mistakes)


LIMITS = """
- kind: matter
  conditions:
    - code: a
      limits: {accept: 1 h,
               handle: 1 d}
      make_safe: 5 min
- kind: flow
  states:
    - code: s
      limit: 2 h
- kind: policy
  ladder:
    - clock: handle
      repeat:
        every: 5 s
"""


@pytest.mark.parametrize(
    ("line", "before", "after", "place"),
    [
        (6, "handle: 1 d", "handle: 1 dd", "conditions.0.limits.handle: '1 dd' is no limit"),
        (7, "5 min", "0 min", "conditions.0.make_safe: Input should be greater than 0"),
        (11, "2 h", "2 hours", "states.0.limit: '2 hours' is no limit"),
        (16, "5 s", "often", "ladder.0.repeat.every: 'often' is no limit"),
    ],
)
def test_a_limit_that_is_none_is_told_with_its_own_line(
    line: int, before: str, after: str, place: str
) -> None:
    assert before in LIMITS.splitlines()[line - 1]
    text = LIMITS.replace(before, after)
    _, wrong = entry_list.read(text, {"matter", "flow", "policy"})
    (found,) = [one for one in wrong if one.number == line]
    assert found.reason.startswith(place)


def edited(change: Callable[[list[str]], None]) -> str:
    """The table of two matters, the second with two conditions, with one cell changed."""
    lamp, cover = (one for one in MATTERS if one.code in {"street-lamp", "manhole-cover"})
    rows = matter_table.write([cover, lamp] if len(cover.conditions) > 1 else [lamp, cover])
    lines = rows.splitlines()
    change(lines)
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("line", "before", "after", "told"),
    [
        (2, "component", "furniture", "class: Input should be"),
        (3, "1 d", "1 week", "handle: '1 week' is no limit"),
        (3, ",no", ",maybe", "verify_before_filing: 'maybe' is neither yes nor no"),
        (4, ",street-lamp"[1:], "street lamp", "code: String should match"),
        (2, ",component", ",a, b,component", "more cells than columns"),
        (3, "manhole-cover,", "manhole-cover,别名", "zh: '别名' is not what line 2 says"),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_line(
    line: int, before: str, after: str, told: str
) -> None:
    def change(lines: list[str]) -> None:
        assert before in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(before, after, 1)

    _, wrong = matter_table.read(edited(change))
    assert [one.number for one in wrong] == [line]
    assert told in wrong[0].reason


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(FeedError, match=r"missing .*'accept'.* not known .*'limit'"):
        matter_table.read("code,zh,en,limit\n")


def test_a_file_with_mistakes_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "matters.yaml"
    path.write_text(YAML, encoding="utf-8")
    with pytest.raises(FeedError, match=r"2 mistakes, nothing was sent\n  line 13: .*\n  line 14:"):
        reading.read(path, Kind.MATTERS, reading.ENTRIES)


def test_differences_name_the_field_and_both_values() -> None:
    cover = next(one for one in MATTERS if one.code == "manhole-cover")
    first, *rest = cover.conditions
    slower = first.limits.model_copy(update={"handle": Limit(amount=2, unit=LimitUnit.URGENT_HOUR)})
    after = cover.model_copy(
        update={
            "public": False,
            "conditions": (first.model_copy(update={"limits": slower}), *rest),
        }
    )
    assert sorted(differences(cover, after), key=lambda one: one.field) == [
        Difference("conditions[missing].limits.handle", "36 s", "2 h"),
        Difference("public", "-", "False"),
    ]
    assert differences(cover, cover) == []


def test_two_polygons_are_told_apart_and_not_told_whole() -> None:
    grids: list[Entry] = [one for one in building.build() if one.kind == "grid"]
    a, b = (one.model_dump() for one in grids[:2])
    (found,) = differences(grids[0], type(grids[0]).model_validate(a | {"geometry": b["geometry"]}))
    assert found.field == "geometry"
    assert found.before != found.after
    assert len(found.after) < 30


def test_a_calendar_is_written_without_what_intake_adds_and_read_as_it_was(tmp_path: Path) -> None:
    (calendar,) = (one for one in building.build() if isinstance(one, Calendar))
    kept = examine(calendar, None).entry
    written = entry_list.write([kept])
    assert "known_until" not in written
    (path := tmp_path / "calendars.yaml").write_text(written)
    assert reading.read(path, Kind.CALENDARS, reading.ENTRIES).entries == (calendar,)
    assert differences(kept, calendar) == []


def test_calendars_are_sent_first_and_apart() -> None:
    first, *others = registry.changes(building.build())
    assert {one.kind for one in first} == {"calendar"}
    assert all(one.kind != "calendar" for some in others for one in some)


RULES = """\
- code: "9901"
  rules:
    - code: bins
      names: {zh: 桶, en: Bins}
      when: {matter: [litter-bin], severity: 5}
      lead: {unit: u}
      co_unit:
        - {unit: v}
- kind: unit
  no_matter: 1
"""


def told(text: str, kind: str) -> list[tuple[int, str]]:
    return [(one.number, one.reason) for one in entry_list.read(text, {kind})[1]]


def test_a_misspelt_field_is_told_by_line_at_each_depth() -> None:
    no_field = "there is no field of this name"
    assert told(RULES, "rules") == [
        (5, f"rules.0.when.matter: {no_field}"),
        (5, f"rules.0.when.severity: {no_field}"),
        (7, f"rules.0.co_unit: {no_field}"),
    ]
    matter = YAML.partition("- code: bin")[0].replace("{handle: 1 d}", "{handel: 1 d}")
    assert told(f"{matter}  severty: 5\n", "matter") == [
        (5, f"conditions.0.limits.handel: {no_field}"),
        (6, f"severty: {no_field}"),
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("- {code: a, rules: []}\n- code: '9901'\n  rules: []\n  code: '9902'\n", [(1, 0), (4, 2)]),
        ("- kind: unit\n  kind: unit\n", []),
        ("- &a {code: '9901'}\n- {<<: *a, code: '9902', rules: []}\n", [(1, 0)]),
        ('[\n{"code": "9901",\n\t"rules": [],\n\n"rules": []}]', [(5, 3)]),
    ],
)
def test_a_field_that_stands_twice_is_told_by_both_lines(
    text: str, faults: list[tuple[int, int]]
) -> None:
    found = sorted(told(text, "rules"))
    assert [number for number, _ in found] == [number for number, _ in faults]
    for (_, reason), (_, first) in zip(found, faults, strict=True):
        assert not first or f"stands at line {first} already" in reason


def test_what_stands_twice_is_told_though_no_line_of_a_json_can_be() -> None:
    text = '[{"code": "9901", "rules": [], "rules": [], "note": "\\ud83d\\ude00"}]'
    with pytest.raises(FeedError, match="rules stands twice"):
        entry_list.read(text, {"rules"})
    assert told(text.replace(', "rules": []', "", 1), "rules") == [
        (1, "note: there is no field of this name")
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# so\n- code: a\n-\n  code: b\n- c\n", [2, 4, 5]),
        ("\n []", []),
        ('\n[ {"a": [1,\n2]},\n\n {"b": "]"} , 3]', [2, 5, 5]),
    ],
)
def test_the_entries_of_a_list_have_lines(text: str, lines: list[int]) -> None:
    assert listing.starts(text) == lines


def test_a_word_that_is_not_known_is_told_by_line() -> None:
    first = MATTERS[0].conditions[0]
    unknown = first.model_copy(update={"photos": (Photo("before"), Photo("selfie"))})
    wanted = [MATTERS[0].model_copy(update={"conditions": (unknown, *MATTERS[0].conditions[1:])})]
    for _, faults in (
        entry_list.read(entry_list.write(wanted), {"matter"}),
        matter_table.read(matter_table.write(wanted)),
    ):
        (fault,) = faults
        assert "photos" in fault.reason
        assert "one of before" in fault.reason


def test_rows_without_a_code_belong_to_the_matter_above_them() -> None:
    def change(lines: list[str]) -> None:
        assert lines[2].startswith("manhole-cover,")
        lines[2] = lines[2].removeprefix("manhole-cover")

    assert matter_table.read(edited(change)) == matter_table.read(edited(lambda _: None))
    lines: list[int] = []
    matter_table.read(edited(change), lines=lines)
    assert lines[0] == 2


@pytest.mark.parametrize("length", [10, 200_000])
def test_a_quote_without_an_end_is_told_with_the_line_of_its_row(length: int) -> None:
    text = edited(lambda lines: lines.append('"lamp' + "," * length))
    row = len(text.splitlines())
    with pytest.raises(FeedError, match=f"begins at line {row} cannot be read"):
        matter_table.read(text)


def test_a_code_that_stands_twice_is_told_by_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "matters.yaml"
    path.write_text(entry_list.write([MATTERS[0], MATTERS[0]]), encoding="utf-8")
    second = path.read_text(encoding="utf-8").splitlines()[1:].index("- kind: matter") + 2
    with pytest.raises(FeedError, match=rf"line {second}: code: .* stands at line 1 already"):
        reading.read(path, Kind.MATTERS, reading.ENTRIES)


def test_what_intake_refuses_has_the_lines_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "MATTERS.CSV"
    path.write_text(matter_table.write(MATTERS[:2]), encoding="utf-8-sig")
    content = reading.read(path, Kind.MATTERS, reading.ENTRIES)
    errors = [{"index": 1, "code": "no_calendar", "detail": "no calendar"}]
    (fault,), counted = refused(content, errors)
    assert (fault.reason, counted) == ("no_calendar: no calendar", "line")
    assert fault.number == 2 + len(MATTERS[0].conditions)
    (fault,), counted = refused(Content(content.entries), errors)
    assert (fault.number, counted) == (2, "entry")
