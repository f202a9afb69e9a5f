"""A refusal says in words how the case stands, and in which states the action may be done."""

from typing import Any, get_args

import pytest

from services.dispatch.domain.dossier import Following
from services.dispatch.domain.transitions import TABLE
from shared.contracts.base import EventData, Names
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import Ending
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.desk import DISPATCHER, SUPERVISOR, Desk, dispatched_desk, member
from tests.unit.dispatch.desks import CLERK, held_desk, rejected_desk
from tests.unit.dispatch.scenes import EXPECTED, KEYS, Key, Scene, good, scene

ENDINGS = ("reported", *get_args(Ending))
AT_THE_DESK = "file, reject, answer, transfer, look, verify, acknowledge"
WRONG = [
    (key, state) for key in KEYS for state in CaseState if state not in EXPECTED[key][0].split()
]
FOLLOWS = Following(case_id="first", case_no="990101-20260302-000000000001")


def words(follows: list[EventData], rule: Rule) -> Names:
    (refused,) = follows
    assert isinstance(refused, ActionRefused)
    assert refused.rule is rule
    return refused.explanation


def test_in_a_wrong_state_it_says_which_that_is_and_in_which_it_may_be_done() -> None:
    desk = dispatched_desk()
    said = words(desk.ask("handled", member()), Rule.WRONG_STATE)
    assert said.en == "the case is dispatched; this can be done while it is accepted"
    assert said.zh == "案卷现为“已派遣”；此操作只能在“已接收”时进行"
    desk.do(("accept", member()), ("handled", member()))
    said = words(desk.ask("return", member()), Rule.WRONG_STATE)
    assert said.en == "the case is handled; this can be done while it is dispatched, accepted"
    assert said.zh == "案卷现为“已处置”；此操作只能在“已派遣”、“已接收”时进行"


def test_of_decisions_it_names_the_states_in_which_the_actor_makes_one() -> None:
    desk = dispatched_desk().do(("accept", member()), ("handled", member()))
    said = words(desk.ask("approve", DISPATCHER), Rule.WRONG_STATE)
    assert said.en.endswith("while it is dispatched, accepted"), "a return"
    said = words(desk.ask("approve", SUPERVISOR), Rule.WRONG_STATE)
    assert said.en.endswith("while it is accepted"), "a suspension or an extension"


@pytest.mark.parametrize(("key", "state"), WRONG)
def test_whatever_is_refused_for_the_state_has_words_that_name_what_the_table_says(
    key: Key, state: CaseState
) -> None:
    states, roles = EXPECTED[key]
    follows = scene(key, state, Role(roles.split()[0])).results()
    said = words(follows, Rule.WRONG_STATE).en
    assert f"the case is {state};" in said
    assert set(states.split()) <= set(said.partition("while it is ")[2].split(", "))
    assert state not in said.partition("while it is ")[2].split(", ")


@pytest.mark.parametrize(
    ("desk", "zh", "en"),
    [
        (
            held_desk,
            "正在受理审核；可以：立案、不予立案、直接答复、转办、安排现场核实、核实、签收督办",
            f"waits in review; what may be done: {AT_THE_DESK}",
        ),
        (
            rejected_desk,
            "不予立案；可以：申诉",
            "was rejected; what may be done: appeal",
        ),
    ],
)
def test_of_what_is_no_case_it_says_what_it_is_and_what_may_be_done(
    desk: Any,  # noqa: ANN401 - makes one
    zh: str,
    en: str,
) -> None:
    made: Desk = desk()
    said = words(made.ask("accept", member()), Rule.NOT_A_CASE)
    assert said.zh == f"该上报没有案卷：{zh}"
    assert said.en == f"the incident is no case: it {en}"


@pytest.mark.parametrize(
    ("verb", "more", "zh", "en"),
    [
        (Verb.ANSWER, {}, "直接答复，就此办结", "was answered by the desk, and is over"),
        (Verb.TRANSFER, {"to": "12345"}, "已转其他平台办理", "was transferred to another platform"),
    ],
)
def test_of_what_is_over_nothing_is_named_that_may_be_done(
    verb: Verb, more: dict[str, Any], zh: str, en: str
) -> None:
    desk = held_desk()
    desk.ask(verb, CLERK, **more)
    said = words(desk.ask("urge", DISPATCHER), Rule.NOT_A_CASE)
    assert said.zh.endswith(zh)
    assert said.en.endswith(en)


def unfiled(key: Key, ending: str) -> Scene:
    """An action that is about cases, on what is none."""
    follows = FOLLOWS if ending == "linked" else None
    known = None if ending == "reported" else ending
    return good(*key).with_decided(case=None, ending=known, follows=follows)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("key", [one for one in KEYS if one[0] is Verb.REASSIGN])
def test_whatever_became_of_it_has_words_of_its_own(key: Key, ending: str) -> None:
    said = words(unfiled(key, ending).results(), Rule.NOT_A_CASE)
    assert said.en.startswith("the incident is no case: it ")
    assert said.zh.startswith("该上报没有案卷：")
    named = said.en.partition("what may be done: ")[2]
    assert named == ", ".join(row.verb for row in TABLE if ending in row.states)
    assert FOLLOWS.case_no not in str(said), "whose case that is, is not told to whoever asks"
