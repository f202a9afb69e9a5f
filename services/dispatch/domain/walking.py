"""The walks of dispatch: how open cases follow the registry."""

from collections.abc import Sequence
from typing import Protocol

from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.member_succession import MemberSuccession
from services.dispatch.domain.regridding import Regridding
from services.dispatch.domain.routes import Routing
from services.dispatch.domain.succession import Succession
from shared.contracts.base import EventData
from shared.ledger.walk import Walk


class CaseWalk(Walk[Dossier], Protocol):
    """A walk with what follows from it. Pure."""

    def follows(self, incident_id: str, dossier: Dossier, routing: Routing) -> Sequence[EventData]:
        """What follows for a case that the walk has found."""
        ...


WALKS: tuple[CaseWalk, ...] = (Regridding(), Succession(), MemberSuccession())
"""In the order in which they are walked."""
BY_NAME = {walk.name: walk for walk in WALKS}
