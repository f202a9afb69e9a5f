"""Which notices an event makes, for whom, and in which words."""

from datetime import timedelta
from typing import Any

import pytest

from services.escalation.domain.about import COUNTED_ANEW, OCCASIONS, TEST, about, of_test
from services.escalation.domain.notices import notices, trial
from services.escalation.domain.wording import Writer, fields
from services.escalation.notifier import read_words
from shared.contracts.base import Names
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import EVENTS, ClocksChanged, Told
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel
from shared.contracts.notice_targets import Language, NoticeTarget
from shared.contracts.reminders_v1 import EVENTS as REMINDERS
from shared.contracts.reminders_v1 import NoticesAcknowledged, SupervisionAcknowledged
from tests.registry.entries import alone, version
from tests.unit.escalation.targets import (
    COUNTY,
    LINK,
    NOON,
    TOWN,
    UNIT,
    WRITER,
    ZONE,
    approaching,
    breached,
    clock,
    conveyed,
    counted_anew,
    happened,
    lifted,
    notice_conveyed,
    noticed_again,
    ordered,
    raised,
    registry,
    released,
    reminded,
    satisfied,
    target,
    withdrawn,
)

EACH = [approaching(), breached(), withdrawn(), ordered(), lifted(), released()]
TOO = [satisfied(), raised(), reminded(), noticed_again(), conveyed(), notice_conveyed()]
EACH += TOO


def told(event: Event[Any], *targets: NoticeTarget) -> list[str]:
    return [one.target for one in notices(event, targets, WRITER, NOON)]


def test_every_event_but_changed_clocks_and_acknowledgements_makes_a_notice() -> None:
    none_of = {ClocksChanged, SupervisionAcknowledged, NoticesAcknowledged}
    all_of_it = {*EVENTS, *REMINDERS} - none_of
    assert {type(one.data) for one in EACH} == OCCASIONS.keys() == all_of_it
    for event in EACH:
        assert told(event, target()) == ["duty"]
    changed = ClocksChanged(incident_id="i", at=NOON, cause="c", clocks=(clock(NOON),))
    assert told(happened(changed, NOON), target()) == []


@pytest.mark.parametrize("event", EACH, ids=lambda event: type(event.data).__name__)
def test_an_area_is_told_of_what_lies_in_it_and_of_nothing_else(event: Event[Any]) -> None:
    within = [target("city"), target("county", area=COUNTY), target("town", area=TOWN)]
    beside = [target("a", area="990102"), target("b", area="9902"), target("c", area="990101003")]
    assert told(event, *within, *beside) == ["city", "county", "town"]


def test_a_unit_is_told_of_its_own_clocks_only() -> None:
    mine, other = target("mine", unit=UNIT), target("other", unit="police")
    assert told(breached(), mine, other) == ["mine"]
    assert told(breached(unit=None), mine, other) == []
    assert told(ordered(), mine, other) == ["mine"]


def test_a_unit_is_told_of_the_end_of_the_order_that_it_had_been_told_of() -> None:
    had = Told(role="unit_member", unit="police")
    ended = lifted()
    of_both = ended.data.model_copy(update={"unit": UNIT, "tell": (had,)})
    mine, other, third = (target(one, unit=one) for one in (UNIT, "police", "water"))
    assert told(happened(of_both, NOON), mine, other, third) == [UNIT, "police"]


def test_of_orders_a_target_may_want_the_graver_ones_only() -> None:
    red = target("red", min_level=SupervisionLevel.RED_CARD)
    yellow = target("yellow", min_level=SupervisionLevel.YELLOW_CARD)
    assert told(ordered(), red, yellow) == ["yellow"]
    assert told(ordered(SupervisionLevel.RED_CARD), red, yellow) == ["red", "yellow"]
    assert told(lifted(), red, yellow) == ["yellow"]
    assert told(breached(), red) == ["red"]


def test_a_target_is_told_on_the_occasions_that_it_names() -> None:
    some = target(occasions=("breached", "supervision_lifted"))
    of_old = [False, True, False, False, True, True]
    assert [bool(told(one, some)) for one in EACH if one not in TOO] == of_old


def test_of_notices_a_target_may_want_the_graver_ones_or_none() -> None:
    red, none = target("red", min_colour=Colour.RED), target("none", notices=False)
    some = target("some", occasions=("breached",))
    assert told(raised(), red, none, some) == ["some"]
    assert told(raised(Colour.RED), red, none) == ["red"]
    assert told(noticed_again(), red, none, some) == ["some"]


def test_a_target_is_told_again_of_what_it_is_told_of_unless_it_does_not_want_that() -> None:
    once = target("once", reminders=False)
    red = target("red", min_level=SupervisionLevel.RED_CARD)
    lifted_only = target("lifted", occasions=("supervision_lifted",))
    assert told(reminded(), target(), once, red, lifted_only) == ["duty"]
    assert told(noticed_again(), target(), once) == ["duty"]


def test_a_unit_that_takes_over_is_told_also_where_it_does_not_want_to_be_told_again() -> None:
    once, other = target("once", unit=UNIT, reminders=False), target("other", unit="police")
    red = target("red", min_level=SupervisionLevel.RED_CARD, min_colour=Colour.RED)
    lifted_only = target("lifted", occasions=("supervision_lifted",), notices=False)
    for event in (conveyed(), notice_conveyed()):
        assert told(event, once, other, red, lifted_only) == ["once"]


def test_what_is_conveyed_says_that_it_is_anothers_now_and_stands() -> None:
    (made,) = notices(conveyed(), [target(language="both")], WRITER, NOON)
    assert made.text.subject == (
        "【黄牌督办转达】9901-20260302-0001-7 已转由新单位承办 / "
        "[Yellow card] 9901-20260302-0001-7 is now yours to handle"
    )
    assert made.text.body.startswith("案卷已更换承办单位，黄牌督办继续有效。\n处置时限已用 75%。\n")


def test_a_reminder_says_the_how_manieth_it_is_and_what_to_do() -> None:
    (made,) = notices(reminded(), [target(language="both")], WRITER, NOON)
    assert made.text.subject == (
        "【黄牌督办，第 2/3 次催签】9901-20260302-0001-7 / "
        "[Yellow card, reminder 2 of 3] 9901-20260302-0001-7"
    )
    assert made.text.body.startswith("黄牌督办尚无人签收。\n处置时限已用 75%。\n请立即签收并办理。")


def test_a_notice_says_its_colour_and_until_when_there_is_time() -> None:
    (made,) = notices(raised(), [target(language="en")], WRITER, NOON)
    assert made.text.subject == "[Orange] 9901-20260302-0001-7 Handling"
    assert made.text.body.startswith(
        "Orange notice: Handling has used 75 % of its limit.\nIt is due 2026-03-02 14:00."
    )


def test_what_has_no_place_is_told_to_nobody() -> None:
    assert told(breached(grid=None), target()) == []


def test_nothing_older_than_a_day_is_told() -> None:
    event = breached(NOON)
    for hours, count in ((0, 1), (23.999, 1), (24, 0), (24 * 365, 0)):
        made = notices(event, [target()], WRITER, NOON + timedelta(hours=hours))
        assert len(made) == count


@pytest.mark.parametrize("event", [withdrawn(), lifted(), released(), satisfied()])
def test_what_takes_something_back_is_as_new_as_its_record(event: Event[Any]) -> None:
    published = NOON + timedelta(hours=26)
    for hours, count in ((26, 1), (49.999, 1), (50, 0)):
        made = notices(event, [target()], WRITER, NOON + timedelta(hours=hours), published)
        assert [one.expires_at for one in made] == [published + timedelta(hours=24)] * count
        assert [one.at for one in made] == [published] * count
    assert notices(breached(), [target()], WRITER, published, published) == []


def test_read_again_it_is_the_same_notice_and_each_target_has_its_own() -> None:
    (one,) = notices(breached(), [target()], WRITER, NOON)
    (again,) = notices(breached(), [target()], WRITER, NOON + timedelta(hours=3))
    (other,) = notices(breached(), [target("other")], WRITER, NOON)
    assert one == again
    assert len({one.id, other.id}) == 2
    assert one.expires_at == NOON + timedelta(hours=24)


def test_targets_are_those_in_force() -> None:
    gone = version(target("gone"), alone("e"), n=2, until=NOON)
    later = version(target("later"), alone("l"), since=NOON + timedelta(seconds=1))
    found = registry(target("gone"), target("here"), gone, later)
    assert [one.code for one in found.notice_targets(NOON)] == ["here"]
    assert found.notice_target("later", NOON) is None
    assert found.notice_target("here", NOON) == target("here")


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
@pytest.mark.parametrize("occasion", [*sorted(set(OCCASIONS.values())), TEST, COUNTED_ANEW])
def test_what_happened_is_told_without_a_gap(language: Language, occasion: str) -> None:
    every = {OCCASIONS[type(one.data)]: about(one) for one in EACH}
    every[COUNTED_ANEW] = about(counted_anew())
    what = of_test(target(), NOON) if occasion == TEST else every[occasion]
    assert what is not None
    said = WRITER.text(what, language, ZONE)
    assert not {"{", "}", "None"} & set(said.subject + said.body)
    assert "  " not in said.subject.strip()
    assert said.subject
    assert {Language.ZH: "案卷", Language.EN: "Case"}[language] in said.body, "keywords of robots"
    if occasion != TEST:
        assert LINK.replace("{incident}", "incident-1") in said.body
        assert "9901-20260302-0001-7" in said.subject
        assert "990101002003001" in said.body


def test_a_breach_in_both_languages_in_the_time_of_the_place() -> None:
    (made,) = notices(breached(), [target(language="both")], WRITER, NOON)
    assert made.text.subject == (
        "【超时】9901-20260302-0001-7 处置已超时 / [breached] 9901-20260302-0001-7 Handling is late"
    )
    assert made.text.body.splitlines() == [
        "处置时限已于 2026-03-02 11:57 届满，至今未办结，已超 3 分钟。",
        "请立即办理，并核实超时原因。",
        "案卷：9901-20260302-0001-7",
        "事项：litter",
        "网格：990101002003001",
        "单位：sanitation",
        "详情：https://city.example/cases/incident-1",
        "",
        "Handling was due 2026-03-02 11:57 and is not done: 3 min late.",
        "Act at once, and find out why it is late.",
        "Case: 9901-20260302-0001-7",
        "Matter: litter",
        "Grid: 990101002003001",
        "Unit: sanitation",
        "More: https://city.example/cases/incident-1",
    ]


def test_an_order_says_who_ordered_it_and_what_was_before() -> None:
    (made,) = notices(ordered(), [target()], WRITER, NOON)
    assert made.text.subject == "【黄牌督办】9901-20260302-0001-7"
    assert made.text.body.startswith(
        "区县（990101）下达黄牌督办。\n此前为普通督办。\n处置时限已用 150%。\n请承办单位立即办理"
    )


def test_an_order_that_is_lifted_by_hand_says_so_and_not_what_somebody_wrote() -> None:
    (made,) = notices(released(), [target()], WRITER, NOON)
    assert made.text.body.startswith("黄牌督办已解除：上级解除。")
    assert "phone" not in made.model_dump_json()


def test_what_is_withdrawn_as_its_clock_was_stopped_needs_no_more() -> None:
    (made,) = notices(withdrawn(), [target(language="both")], WRITER, NOON)
    assert made.text.subject.startswith(
        "【撤销】9901-20260302-0001-7 处置的提醒已撤销 / [withdrawn]"
    )
    assert "该环节当时已经停止计时。\n该提醒无需再处理。" in made.text.body
    assert "had been stopped by then.\nNothing is left to do about it." in made.text.body


def test_what_is_withdrawn_as_its_clock_is_counted_anew_says_when_it_is_due() -> None:
    (made,) = notices(counted_anew(), [target(language="both")], WRITER, NOON)
    assert made.about.due_anew == NOON + timedelta(hours=5)
    assert made.text.subject.endswith(
        "[withdrawn] 9901-20260302-0001-7 Handling is due 2026-03-02 17:00"
    )
    assert "时限已重新计算，将于 2026-03-02 17:00 届满。" in made.text.body
    assert "is withdrawn: the clock is counted anew, and due 2026-03-02 17:00." in made.text.body
    assert "stopped" not in made.text.body


def test_what_has_a_name_is_called_by_it_with_its_code() -> None:
    names = {
        "unit/sanitation": Names(zh="环卫一队", en="Sanitation 1"),
        "matter/litter": Names(zh="暴露垃圾", en="Litter"),
        "area/990101": Names(zh="滨湖区", en="Binhu"),
        "area/990101002": Names(zh="柳堤街道", en="Liudi"),
        "area/990102": Names(zh="别处", en="Elsewhere"),
    }
    (made,) = notices(breached(), [target(language="both")], Writer(read_words(), "", names), NOON)
    lines = made.text.body.splitlines()
    assert lines[3:6] == [
        "事项：暴露垃圾 litter", "网格：滨湖区柳堤街道 990101002003001",
        "单位：环卫一队 sanitation",
    ]  # fmt: skip
    assert lines[-2:] == ["Grid: Binhu, Liudi 990101002003001", "Unit: Sanitation 1 sanitation"]
    (of_order,) = notices(ordered(), [target()], Writer(read_words(), "", names), NOON)
    assert of_order.text.body.startswith("区县（滨湖区 990101）下达黄牌督办。")


def test_what_is_not_known_is_left_out() -> None:
    bare = breached(unit=None, matter=None)
    (made,) = notices(bare, [target()], Writer(read_words()), NOON)
    assert [line.partition("：")[0] for line in made.text.body.splitlines()[2:]] == ["案卷", "网格"]


@pytest.mark.parametrize(
    ("task", "zh", "en"),
    [
        ("co-2", "配合 处置", "Co-operation, Handling"),
        ("safe", "先行处置", "Making safe"),
        ("request", "申请审批", "Decision on a request"),
        ("lead", "处置", "Handling"),
    ],
)
def test_a_clock_is_called_by_its_task(task: str, zh: str, en: str) -> None:
    what = about(approaching(task=task))
    assert what is not None
    words = read_words()
    assert fields(words[Language.ZH], what, ZONE, "")["clock"] == zh
    assert fields(words[Language.EN], what, ZONE, "")["clock"] == en


@pytest.mark.parametrize(
    ("minutes", "zh"),
    [
        (0, "不到 1 分钟"),
        (0.9, "不到 1 分钟"),
        (1, "1 分钟"),
        (59, "59 分钟"),
        (60, "1 小时 0 分"),
        (1500, "1 天 1 小时"),
    ],
)
def test_how_late_is_said_shortly(minutes: float, zh: str) -> None:
    what = about(approaching())
    assert what is not None
    late = what.model_copy(update={"due_at": NOON - timedelta(minutes=minutes)})
    assert fields(read_words()[Language.ZH], late, ZONE, "")["late"] == zh


def test_both_languages_have_the_same_phrases_and_fields() -> None:
    zh, en = (one.model_dump() for one in read_words().values())
    for name in (
        "stages",
        "tasks",
        "levels",
        "colours",
        "issuers",
        "reasons",
        "spans",
        "occasions",
    ):
        assert zh[name].keys() == en[name].keys()
    assert zh["occasions"].keys() == {*OCCASIONS.values(), TEST, COUNTED_ANEW}


def test_a_test_names_its_target() -> None:
    made = trial(target(), WRITER, NOON)
    assert made.text.subject == "【测试】duty 的通知可以送达"
    assert made.id != trial(target(), WRITER, NOON + timedelta(seconds=1)).id
