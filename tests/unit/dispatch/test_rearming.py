"""A change of policy touches new cases only, unless a case is armed anew on purpose."""

from datetime import timedelta

from shared.contracts.base import Limit, LimitUnit, Stage
from shared.contracts.cases_v1 import ActionRefused, CaseAccepted, CaseFiled
from shared.contracts.ladders import Colour, LadderStep, NoticeStep
from shared.contracts.levels import SupervisionLevel
from shared.contracts.policies import Policy, PolicyRef, RequestRule, RequestRules
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import CaseRearmed
from tests.unit.dispatch.city import CITY_REGISTRY, FILING, GRID, LADDER, entry_set
from tests.unit.dispatch.desk import Desk, actor, dispatched_desk, member

SUPERVISOR = actor(Role.SUPERVISOR, area=GRID[:6])
STRICTER = Policy(
    code="9901",
    zone="Asia/Shanghai",
    filing_limit=FILING,
    ladder=(
        LadderStep(clock=Stage.TOTAL, percent=100, level=SupervisionLevel.RED_CARD, issuer="city"),
    ),
    notice_ladder=(NoticeStep(clock=Stage.HANDLE, percent=50, colour=Colour.BLUE),),
    requests=RequestRules(
        extension=RequestRule(level="city", limit=Limit(amount=1, unit=LimitUnit.URGENT_HOUR))
    ),
    reopen_within_days=30,
)
FORMERLY = STRICTER.model_copy(update={"ladder": LADDER, "notice_ladder": ()})
FORMER, LATTER = PolicyRef(code="9901", n=1), PolicyRef(code="9901", n=2)


def under_another_policy() -> Desk:
    """A case was dispatched; then the policy changes."""
    desk = dispatched_desk()
    since = desk.clock()
    version = CITY_REGISTRY.version + 1
    desk.registry = CITY_REGISTRY.with_changes([entry_set(STRICTER, 2, since)], version)
    desk.clock.forward(60)
    return desk


def test_a_case_keeps_the_policy_under_which_it_was_filed() -> None:
    desk = under_another_policy()
    assert desk.walk() == []
    filed = next(one.data for one in desk.outputs if isinstance(one.data, CaseFiled))
    assert (filed.ladder, filed.notice_ladder) == (LADDER, ())
    desk.do(("accept", member()))
    assert desk.decided.policy == FORMER
    desk.ask("extend", member(), amount=1)
    assert desk.case.request is not None
    assert desk.case.request.level == "county"


def test_a_new_case_has_the_policy_in_force_and_says_which() -> None:
    desk = Desk()
    desk.registry = under_another_policy().registry
    filed = desk.report()[0]
    assert isinstance(filed, CaseFiled)
    assert (filed.policy, filed.notice_ladder) == (LATTER, STRICTER.notice_ladder)


def test_armed_anew_it_goes_by_the_policy_now_in_force() -> None:
    desk = under_another_policy()
    (event,) = desk.ask("rearm", SUPERVISOR)
    assert isinstance(event, CaseRearmed)
    assert (event.policy_before, event.policy) == (FORMER, LATTER)
    assert event.ladder == STRICTER.ladder
    assert event.notice_ladder == STRICTER.notice_ladder
    assert (event.requests, event.reopen_within_days) == (STRICTER.requests, 30)
    desk.do(("accept", member()))
    desk.ask("extend", member(), amount=1)
    assert desk.case.request is not None
    assert desk.case.request.level == "city"


def test_what_it_is_to_be_done_by_and_what_waits_stay_as_they_were() -> None:
    desk = under_another_policy().do(("accept", member()))
    desk.ask("extend", member(), amount=1)
    before = desk.case
    desk.ask("rearm", SUPERVISOR)
    changed = {"time", "time_until"}
    assert desk.case.model_dump(exclude=changed) == before.model_dump(exclude=changed)


def test_it_may_be_reopened_as_long_as_the_new_policy_says() -> None:
    desk = under_another_policy()
    desk.ask("rearm", SUPERVISOR)
    desk.do(("accept", member()), ("handled", member()), ("verify", actor(Role.INSPECTOR)))
    desk.clock.forward(timedelta(days=20).total_seconds())
    (reopened,) = desk.ask("reopen", SUPERVISOR)
    assert reopened.TYPE.endswith("reopened.v1")


def test_where_nothing_would_change_it_is_refused() -> None:
    desk = under_another_policy()
    desk.ask("rearm", SUPERVISOR)
    for one in (desk, dispatched_desk()):
        (answer,) = one.ask("rearm", SUPERVISOR)
        assert isinstance(answer, ActionRefused)
        assert answer.rule is Rule.NOTHING_TO_REARM


def filed_by_an_older_version(desk: Desk, policy: Policy) -> Desk:
    """Its case has the ladders, and no event said which policy that was."""
    state = desk.document.state
    assert state is not None
    ladders = {"ladder": policy.ladder, "notice_ladder": policy.notice_ladder}
    case = desk.case.model_copy(update=ladders)
    decided = {"case": case, "policy": None, "requests": policy.requests,
               "reopen_within_days": policy.reopen_within_days}  # fmt: skip
    desk.document.state = state.model_copy(
        update={"decided": state.decided.model_copy(update=decided)}
    )
    return desk


def test_a_case_of_an_older_version_loses_its_own_ladders_as_it_is_armed_anew() -> None:
    desk = filed_by_an_older_version(under_another_policy(), FORMERLY)
    (event,) = desk.ask("rearm", SUPERVISOR)
    assert isinstance(event, CaseRearmed)
    assert (event.ladder, event.notice_ladder) == (STRICTER.ladder, STRICTER.notice_ladder)
    assert (event.case.ladder, event.case.notice_ladder) == ((), ()), "else they would rule on"
    (again,) = desk.ask("rearm", SUPERVISOR)
    assert isinstance(again, ActionRefused)
    (accepted,) = desk.ask("accept", member())
    assert isinstance(accepted, CaseAccepted)
    assert accepted.case.ladder == ()


def test_a_case_of_an_older_version_that_goes_by_the_same_is_not_armed_anew() -> None:
    desk = filed_by_an_older_version(under_another_policy(), STRICTER)
    (answer,) = desk.ask("rearm", SUPERVISOR)
    assert isinstance(answer, ActionRefused)
    assert answer.rule is Rule.NOTHING_TO_REARM


def test_only_a_supervisor_within_its_area_arms_anew() -> None:
    desk = under_another_policy()
    for who, rule in (
        (actor(Role.LEADER), Rule.ROLE_NOT_ALLOWED),
        (actor(Role.SUPERVISOR, area="990102"), Rule.NOT_YOUR_AREA),
    ):
        (answer,) = desk.ask("rearm", who)
        assert isinstance(answer, ActionRefused)
        assert answer.rule is rule
