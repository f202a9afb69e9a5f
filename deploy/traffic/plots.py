"""How a case goes: a plot is drawn when it is reported."""

from collections.abc import Mapping
from enum import StrEnum
from random import Random

from shared.contracts.levels import SupervisionLevel


class Plot(StrEnum):
    """How a case goes."""

    SMOOTH = "smooth"
    RETURN_GRANTED = "return_granted"
    RETURN_REFUSED = "return_refused"
    FAILED_CHECK = "failed_check"
    NOT_ACCEPTED = "not_accepted"
    """Nobody accepts it until that limit is missed."""
    UNTIL_YELLOW = "until_yellow"
    """Accepted, and left lying until the yellow card."""
    UNTIL_RED = "until_red"
    """Accepted, and left lying until the red card."""
    EXTENDED = "extended"
    """The unit asks for more time, and gets it."""
    EXTENSION_DENIED = "extension_denied"
    SUSPENDED = "suspended"
    """The unit asks that the clocks stand for some seconds, and they do."""
    SUSPENSION_DENIED = "suspension_denied"
    RESUMED = "resumed"
    """They do, and the unit goes on before it had to."""
    WHISTLE = "whistle"
    """The unit needs another one, and calls it."""
    DECLINED = "declined"
    """Whom it calls will not come; it goes on alone."""
    CALLED_OFF = "called_off"
    """It calls another one, and does without it after all."""
    HANDED_UP = "handed_up"
    """The centre hands it to the one above, which finds a unit."""
    HANDED_DOWN = "handed_down"
    """The one above hands it down again, to the town's, and names who has it."""
    SUPERVISED = "supervised"
    """Somebody above orders to hurry, by hand, and lifts the order."""
    URGED = "urged"
    """Whoever reported it asks after it."""
    REOPENED = "reopened"
    """It was closed, and is not in order after all."""
    VOIDED = "voided"
    """It should never have been a case."""
    SEPARATED = "separated"
    """It is taken for what was reported before, and is something else."""
    DESK_FILES = "desk_files"
    """It lacks something; the desk puts it right."""
    DESK_LOOKS = "desk_looks"
    """Nobody can tell what it is from here; somebody is sent to look, then it is put right."""
    DESK_REJECTS = "desk_rejects"
    DESK_ANSWERS = "desk_answers"
    DESK_TRANSFERS = "desk_transfers"


SPOILT = {
    Plot.DESK_FILES: 35,
    Plot.DESK_LOOKS: 15,
    Plot.DESK_REJECTS: 20,
    Plot.DESK_ANSWERS: 15,
    Plot.DESK_TRANSFERS: 15,
}
"""Plots of reports that the rules cannot file, once they come before the desk."""
WEIGHTS = {
    Plot.SMOOTH: 69,
    Plot.RETURN_GRANTED: 9,
    Plot.RETURN_REFUSED: 5,
    Plot.FAILED_CHECK: 7,
    Plot.EXTENDED: 3,
    Plot.SUSPENDED: 3,
    Plot.HANDED_UP: 3,
    Plot.WHISTLE: 3,
    Plot.EXTENSION_DENIED: 2,
    Plot.SUSPENSION_DENIED: 2,
    Plot.RESUMED: 2,
    Plot.DECLINED: 2,
    Plot.CALLED_OFF: 2,
    Plot.HANDED_DOWN: 2,
    Plot.SUPERVISED: 2,
    Plot.URGED: 2,
    Plot.REOPENED: 2,
    Plot.VOIDED: 2,
    Plot.NOT_ACCEPTED: 4,
    Plot.UNTIL_YELLOW: 4,
    Plot.UNTIL_RED: 3,
}
IGNORED = frozenset({Plot.NOT_ACCEPTED, Plot.UNTIL_YELLOW, Plot.UNTIL_RED})
"""Plots that miss a limit; they are played on matters whose limits are short."""
ENOUGH = {
    Plot.UNTIL_YELLOW: SupervisionLevel.YELLOW_CARD,
    Plot.UNTIL_RED: SupervisionLevel.RED_CARD,
}


def draw(random: Random, weights: Mapping[Plot, int] = WEIGHTS) -> Plot:
    """A plot by the weights."""
    (plot,) = random.choices(list(weights), weights=list(weights.values()))
    return plot
