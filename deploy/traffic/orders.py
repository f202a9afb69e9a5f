"""Orders (指令) without a case: somebody above issues one, its units read it and say it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from deploy.traffic.world import World
from shared.contracts.registry_v1 import Unit
from shared.platform.security import Role

SHARE = 0.04
"""So many orders are issued for each report."""
WITHIN_S = 30.0
"""Until when they are to be done."""
MOST_NAMED = 3
"""So many units are named, where no area is."""
WITHDRAWN_SHARE = 0.15
ISSUERS = (Role.LEADER, Role.SUPERVISOR, Role.DUTY_HEAD)
SAID = "已查完 all of it was looked at"
CALLED_OFF = "预警解除 the warning is over"
ABOUT = (
    ("排查窨井盖 Look into every manhole", "发现缺失立即上报 report at once which are missing"),
    ("汛期巡查 Patrols before the rain", "低洼处每日一查 low places once a day"),
    ("清理楼道 Clear the stairways", "电动车一律移出 no scooters inside"),
)


class Answer(StrEnum):
    """What a unit says of an order."""

    IN_TIME = "in_time"
    LATE = "late"
    READ = "read"
    """It has read it, and does nothing."""
    SILENT = "silent"


ANSWERS = {Answer.IN_TIME: 70, Answer.LATE: 15, Answer.READ: 10, Answer.SILENT: 5}


@dataclass(frozen=True, slots=True)
class Draft:
    """An order to be issued: by whom, to whom, what; and what is to become of it."""

    role: Role
    title: str
    text: str
    units: tuple[str, ...]
    areas: tuple[str, ...]
    withdrawn: bool
    """Whether it is called off, once it was read."""

    def body(self, deadline: str) -> dict[str, Any]:
        """As it is sent."""
        return {
            "title": self.title,
            "text": self.text,
            "deadline": deadline,
            "units": list(self.units),
            "areas": list(self.areas),
        }


def draw(world: World, random: Random) -> Draft:
    """The next order: to all units of a town, or to some by name."""
    title, text = random.choice(ABOUT)
    to_town = bool(world.towns) and random.random() < 0.5  # noqa: PLR2004 - one in two
    units = () if to_town else _some(world.units, random)
    areas = (random.choice(world.towns),) if to_town else ()
    withdrawn = random.random() < WITHDRAWN_SHARE
    return Draft(random.choice(ISSUERS), title, text, units, areas, withdrawn)


def answer(random: Random) -> Answer:
    """What the next unit says of it."""
    (found,) = random.choices(list(ANSWERS), weights=list(ANSWERS.values()))
    return found


def done_after(answered: Answer, random: Random) -> float | None:
    """How many seconds after it was issued a unit says that it is done; None: never."""
    if answered is Answer.IN_TIME:
        return random.uniform(0.1, 0.5) * WITHIN_S
    return random.uniform(1.1, 1.4) * WITHIN_S if answered is Answer.LATE else None


def _some(units: Sequence[Unit], random: Random) -> tuple[str, ...]:
    chosen = random.sample(units, min(len(units), random.randint(1, MOST_NAMED)))
    return tuple(sorted(one.code for one in chosen))
