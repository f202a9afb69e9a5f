"""What may be asked in the machine's city: by whom, for what, with which request."""

from hypothesis import strategies as st

from shared.contracts.base import Actor
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.roles import Role
from tests.unit.dispatch.city import GRID, NO_POLICY, point
from tests.unit.dispatch.desk import REPORTER
from tests.unit.dispatch.flows import HAZARD, PAPER
from tests.unit.dispatch.machines_city import OF_MANY, UNITS

people = st.builds(
    Actor,
    subject=st.sampled_from(["a", "b", "c", REPORTER]),
    roles=st.lists(st.sampled_from(sorted(Role)), min_size=1, max_size=4, unique=True).map(
        lambda roles: tuple(sorted(roles))
    ),
    unit=st.sampled_from([None, *UNITS]),
    area=st.sampled_from([None, None, GRID[:4], GRID[:9], GRID[:12], "990102"]),
)
requests = st.fixed_dictionaries(
    {
        "reason": st.sampled_from(["because", "because", ""]),
        "unit": st.sampled_from([None, *UNITS, "no-such"]),
        "passed": st.sampled_from([True, False, None]),
        "area": st.sampled_from([None, GRID[:4], GRID[:6], GRID[:9], GRID[:12]]),
        "level": st.sampled_from([None, *SupervisionLevel]),
        "amount": st.sampled_from([None, 0.5, 2.0, 3.0]),
        "until": st.sampled_from([None, 0.01, 3.0, 500.0]),
    }
)
places = st.sampled_from([*[point(GRID)] * 6, None, point(NO_POLICY)])
matters = st.sampled_from(
    [*["litter"] * 4, *["hazard"] * 3, *["gas"] * 5, *OF_MANY * 2, "no-such", None],
)
turns = st.fixed_dictionaries(
    {
        "turn": st.sampled_from([one.code for state in HAZARD.states for one in state.turns]),
        "papers": st.sampled_from([(), (PAPER,)]),
    }
)
NEXT: dict[str, tuple[Verb, ...]] = {
    "filed": (Verb.REASSIGN, Verb.REASSIGN, Verb.HAND_UP, Verb.HAND_DOWN, Verb.URGE),
    "dispatched": (Verb.ACCEPT, Verb.ACCEPT, Verb.RETURN, Verb.REASSIGN, Verb.HAND_UP, Verb.CC),
    "accepted": (
        *(Verb.HANDLED, Verb.HANDLED, Verb.RETURN, Verb.REASSIGN, Verb.STEP, Verb.STEP),
        *(Verb.SUSPEND, Verb.EXTEND, Verb.RESUME, Verb.HAND_DOWN, Verb.WHISTLE),
    ),
    "handled": (Verb.VERIFY,),
    "closed": (Verb.REOPEN,),
    "voided": (Verb.VOID,),
}
"""What somebody sensible would ask for next: pure chance never closes a case."""
AT_ONCE = (
    *((Verb.TAKE_FIRST,), (Verb.TAKE_FIRST,), (Verb.MAKE_SAFE,), (Verb.MAKE_SAFE,)),
    (Verb.TAKE_FIRST, Verb.MAKE_SAFE),
)
"""What whoever is there at once may ask for."""
DECISIONS = (Verb.APPROVE, Verb.APPROVE, Verb.DENY)
"""What somebody decides of what a unit asked for."""
