"""Why a case has no unit, or another one, without a dispatch: handed on, or put right at once."""

from services.analytics.domain.timeline import Stored
from services.analytics.domain.why_words import LEVELS
from shared.contracts.base import Texts
from shared.contracts.levels import LEVELS as LEVEL_OF


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


def on_site(zh: str, en: str) -> Texts:
    """That nobody had to be given it; the unit by its names and code, zh and en."""
    return Texts(
        zh=f"自行处置：上报人已当场处置，计入{zh}，不再派遣",
        en=f"put right on the spot by whoever reported it, for {en}; nobody is given it",
    )


CHECKED = Texts(zh="抽中，由他人核查", en="drawn for a check by somebody else")
"""What is said of the seeded share beside."""
