"""Why a case has no unit, or another one, without a dispatch: handed on, put right, or void."""

from collections.abc import Mapping

from services.analytics.domain.timeline import Stored
from services.analytics.domain.why_words import LEVELS
from shared.contracts.base import Texts
from shared.contracts.case_v1 import MAX_RETURNS
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.levels import LEVELS as LEVEL_OF
from shared.contracts.roles import Role
from shared.contracts.titles import VOID


def handed_up(step: Stored) -> Texts:
    """Which centre handed it to which above it."""
    before, after = _centre(step["centre_before"]), _centre(step["centre"])
    return Texts(
        zh=f"上报：{before.zh}上报{after.zh}，由其确定处置单位",
        en=f"handed up by {before.en} to {after.en}, which is to find a unit",
    )


def handed_down(step: Stored) -> Texts:
    """Which centre handed it to which below it."""
    before, after = _centre(step["centre_before"]), _centre(step["centre"])
    return Texts(
        zh=f"交办：{before.zh}交办{after.zh}，由其确定处置单位",
        en=f"handed down by {before.en} to {after.en}, which is to find a unit",
    )


def _centre(area: str) -> Texts:
    """A centre by the area that it is of."""
    level = LEVELS[LEVEL_OF[len(area)]]
    return Texts(zh=f"{level.zh}中心（{area}）", en=f"the {level.en} centre {area}")


def passed_on(step: Stored) -> Texts:
    """By which turn its flow has led to a state that is for somebody else."""
    turn, before, after = (step[name]["names"] for name in ("turn", "state_before", "state_after"))
    return Texts(
        zh=f"流程移交：经“{turn['zh']}”由“{before['zh']}”转入“{after['zh']}”，"
        "该环节由其他单位办理，重新派遣",
        en=f"passed on by its flow: '{turn['en']}' leads from '{before['en']}' to "
        f"'{after['en']}', which is for another unit; it is dispatched anew",
    )


def returned(step: Stored) -> Texts:
    """What follows a granted return: the rules again, or the duty head's ruling."""
    if not _is_ruled(step):
        return Texts(
            zh="同意退回：重新派遣，规则不再派给该单位",
            en="the return was granted: dispatched anew; the rules never choose that unit again",
        )
    return Texts(
        zh="再次同意退回：由值班长裁定处置单位",
        en="another return was granted: the duty head rules whose it is",
    )


def found_by(step: Stored) -> str:
    """By which rule a unit was found; of one that somebody named, whether the duty head did."""
    rule: str = step["rule"]
    if rule != DispatchRule.NAMED_BY_DISPATCHER or Role.DUTY_HEAD not in step.get("roles", ()):
        return rule
    return "ruled_by_duty_head" if _is_ruled(step) else "named_by_duty_head"


def _is_ruled(step: Stored) -> bool:
    """Whether the case was returned so often that the duty head names its unit."""
    returns: int = step.get("returns", 0)
    return returns >= MAX_RETURNS


def voided(step: Stored) -> Texts:
    """Why it is no case any more: somebody said so, or the rules found that it doubles another."""
    if "roles" in step:
        return Texts(zh=VOID.zh, en=VOID.en)
    return Texts(
        zh="案卷已作废：再次比对，与另一案卷重复",
        en="the case was made void: a second look found that it doubles another",
    )


def on_site(zh: str, en: str) -> Texts:
    """That nobody had to be given it; the unit by its names and code, zh and en."""
    return Texts(
        zh=f"自行处置：上报人已当场处置，计入{zh}，不再派遣",
        en=f"put right on the spot by whoever reported it, for {en}; nobody is given it",
    )


def checked(step: Stored) -> Texts:
    """Why what was put right on the spot is checked; one that an older version wrote says both."""
    return CHECKED[step.get("drawn")]


CHECKED: Mapping[bool | None, Texts] = {
    True: Texts(zh="抽中，须由他人核查", en="drawn, to be checked by somebody else"),
    False: Texts(
        zh="不在上报人的工作区域，须由他人核查",
        en="to be checked by somebody else, as it lies where the officer does not work",
    ),
    None: Texts(
        zh="须由他人核查：抽中，或不在其工作区域",
        en="to be checked by somebody else: drawn, or put right where the officer does not work",
    ),
}
