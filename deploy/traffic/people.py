"""Who reports and acts: each with a pseudonym and a token of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from deploy.local.paths import Home
from deploy.tokens import mint_for
from deploy.traffic.steps import Step
from shared.contracts.registry_v1 import Unit
from shared.contracts.routing_rules import UnitKind
from shared.platform.security import ANONYMOUS, Role


@dataclass(slots=True)
class People:
    """Mints tokens with a home's secret, each once."""

    home: Home
    city: str
    units: Sequence[Unit]
    _tokens: dict[tuple[str, Role, str | None], str] = field(default_factory=dict)

    def reporter(self, role: Role | None) -> tuple[str, str | None]:
        """The subject and the token of whoever reports; no role: anybody, without a token."""
        if role is None:
            return ANONYMOUS.subject, None
        subject = f"{role}-of-{self.city}"
        return subject, self._token(subject, role, None)

    def member(self, unit: str) -> str:
        """The token of a member of a unit."""
        return self._token(f"member-of-{unit}", Role.UNIT_MEMBER, unit)

    def actor(self, step: Step, grid: str, unit: str | None, others: Collection[str] = ()) -> str:
        """The token of whoever takes a step on what lies in a grid and a unit has, if any.

        ``others`` are those that co-operate: they check nothing either.
        """
        if step.role is Role.UNIT_MEMBER:
            return self._token(f"member-of-{unit}", step.role, unit)
        if step.role is Role.INSPECTOR:
            centre = self._centre(grid, {unit, *others})
            return self._token(f"inspector-of-{centre or grid}", step.role, centre)
        return self._token(f"{step.role}-of-{self.city}", step.role, None)

    def _centre(self, grid: str, handled_by: Collection[str | None]) -> str | None:
        """The town centre of a grid, unless it took part in the handling."""
        for unit in self.units:
            if unit.unit_kind is UnitKind.TOWN_CENTRE and grid.startswith(unit.area):
                return None if unit.code in handled_by else unit.code
        return None

    def _token(self, subject: str, role: Role, unit: str | None) -> str:
        key = (subject, role, unit)
        if key not in self._tokens:
            self._tokens[key] = mint_for(self.home, role, subject=subject, unit=unit)
        return self._tokens[key]
