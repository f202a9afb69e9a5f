"""Which component (部件) a case is about, and who keeps it in order.

Whoever maintains a component gets the case before every other rule; what nobody keeps is for the
centre to rule (无主部件).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.base import Point
from shared.contracts.case_refs_v1 import ComponentRef
from shared.contracts.choice_v1 import Candidate, Unrouted
from shared.contracts.registry_v1 import ComponentState, Matter, Unit
from shared.registry.components import ComponentVersion
from shared.registry.distance import metres
from shared.registry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Keeping:
    """Who keeps the component of a case: the unit that gets it, or why the centre has to rule.

    Neither: the usual rules go on. ``candidates`` are the others, and why they did not get it.
    """

    unit: Unit | None = None
    unrouted: Unrouted | None = None
    candidates: tuple[Candidate, ...] = ()


NOTHING_SAID = Keeping()


def component_of(
    named: str | None, location: Point, matter: Matter, registry: Snapshot, at: datetime
) -> ComponentRef | None:
    """The component that a report is about, where its matter is about components.

    The one that it names, however far off, where that stands and is of the matter's class; else the
    nearest of the class within the matter's ``snap_metres``.
    """
    if matter.component_class is None:
        return None
    longitude, latitude = location.coordinates
    one = registry.components.get(named, at) if named is not None else None
    if one is not None and _is_meant(one, matter):
        return _ref(one, metres(longitude, latitude, one.longitude, one.latitude))
    near = registry.components.nearest(
        matter.component_class, longitude, latitude, matter.snap_metres, at
    )
    return None if near is None else _ref(near.component, near.metres)


def _is_meant(one: ComponentVersion, matter: Matter) -> bool:
    return one.component_class == matter.component_class and one.state != ComponentState.REMOVED


def _ref(one: ComponentVersion, far: float) -> ComponentRef:
    return ComponentRef(
        code=one.code,
        names=one.names,
        metres=round(far, 2),
        owner=one.owner,
        maintainer=one.maintainer,
    )


def keeping(
    component: ComponentRef,
    usual: Iterable[Unit],
    registry: Snapshot,
    at: datetime,
    returned_by: Collection[str] = (),
) -> Keeping:
    """Who keeps the component of a case; to be asked before the usual rules.

    The maintainer, else the owner, that is a unit in force. Once that one has had a return granted
    the usual rules go on. ``usual`` are the units that they would look at.
    """
    codes = dict.fromkeys(code for code in (component.maintainer, component.owner) if code)
    lost: list[Candidate] = []
    keeper: Unit | None = None
    for code in codes:
        unit = registry.unit(code, at)
        if unit is None:
            lost.append(Candidate(unit=code, lost="not_in_force"))
        elif keeper is None:
            keeper = unit
        else:
            lost.append(Candidate(unit=code, lost="owns_only"))
    if keeper is None:
        return Keeping(unrouted=Unrouted.OWNERLESS_COMPONENT, candidates=tuple(lost))
    if keeper.code in returned_by:
        return NOTHING_SAID
    lost += [
        Candidate(unit=unit.code, lost="not_the_keeper") for unit in usual if unit.code not in codes
    ]
    return Keeping(keeper, candidates=tuple(lost))
