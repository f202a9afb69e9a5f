"""Cases about components on a real dispatch: given to whoever keeps them, or left to rule."""

from dataclasses import replace

from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.choice_v1 import DispatchRule, Unrouted
from shared.contracts.registry_v1 import Change, Entry, EntrySet
from tests.integration.dispatch.centre import Centre, kinds, new_desk
from tests.unit.dispatch.city import CENTRE, CITY_REGISTRY, entry_set
from tests.unit.dispatch.desk import DISPATCHER, FOLDER, Desk, member
from tests.unit.dispatch.test_components import KEEPER, LAMPS, UNITS, lamp

MANY = 300
KEPT, NOBODYS = 7, 8
"""Two lamps, 7 m and 80 m north of the place; all others stand farther away."""


def change() -> list[EntrySet]:
    """Units, a matter and many components, as the parts of one change."""
    near = [lamp(KEPT, 7, maintainer=KEEPER), lamp(NOBODYS, 80)]
    far = [lamp(100 + serial, 200 + serial, maintainer=CENTRE) for serial in range(MANY)]
    entries: list[Entry] = [*UNITS, LAMPS, *near, *far]
    return [
        entry_set(one).model_copy(
            update={"change": Change(id="lamps", part=part, count=len(entries))}
        )
        for part, one in enumerate(entries, start=1)
    ]


async def test_components_reach_dispatch_as_one_change_and_decide(centre: Centre) -> None:
    parts = change()
    version = await centre.register(*parts)
    registry = CITY_REGISTRY.with_changes(parts, version)

    def desk() -> Desk:
        found = new_desk()
        found.registry = registry
        return found

    kept, nobodys = desk(), desk()
    kept.report(matter="lamps")
    kept.do(("return", member(KEEPER)), ("approve", DISPATCHER))
    nobodys.report(matter="lamps", component=lamp(NOBODYS).code)
    nobodys.ask("reassign", DISPATCHER, unit=CENTRE)
    for one in (kept, nobodys):
        # As intake had it: dispatch waits until it has the components too.
        await centre.tell(*(replace(event, registry_version=version) for event in one.inputs))

    filed, given, *_, again = (event.data for event in await centre.until(kept))
    assert isinstance(filed, CaseFiled)
    assert filed.case.component is not None
    assert (filed.case.component.code, filed.case.component.metres) == (lamp(KEPT).code, 7.0)
    assert isinstance(given, CaseDispatched)
    assert isinstance(again, CaseDispatched)
    assert given.case.unit is not None
    assert given.case.unit.code == KEEPER
    rules = [given.rule, again.rule]
    assert rules == [DispatchRule.COMPONENT_MAINTAINER, DispatchRule.NEAREST_UNIT_OF_MATTER]

    left, ruled = (event.data for event in await centre.until(nobodys))
    assert isinstance(left, CaseFiled)
    assert left.unrouted is Unrouted.OWNERLESS_COMPONENT
    assert isinstance(ruled, CaseDispatched)
    assert ruled.rule is DispatchRule.NAMED_BY_DISPATCHER

    for one in (kept, nobodys):
        raw = await centre.settled(one)
        assert FOLDER.decider.load(raw["state"]) == await centre.folded(one)
        assert kinds(await centre.published(one.incident)) == kinds(one.outputs)
