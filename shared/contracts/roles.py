"""The roles of people and systems; an event's actor names them."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may be."""

    REPORTER = "reporter"
    OFFICER = "officer"
    INSPECTOR = "inspector"
    ACCEPTANCE_DESK = "acceptance_desk"
    DISPATCHER = "dispatcher"
    DUTY_HEAD = "duty_head"
    UNIT_MEMBER = "unit_member"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    REGISTRY_ADMINISTRATOR = "registry_administrator"
    DEPARTMENT_SYSTEM = "department_system"


HANDLERS = frozenset({Role.UNIT_MEMBER, Role.OFFICER, Role.DEPARTMENT_SYSTEM})
"""Who acts for a unit that has a case."""
CENTRE = frozenset({Role.DISPATCHER, Role.DUTY_HEAD})
"""Who dispatches."""
CHECKERS = frozenset({Role.INSPECTOR, Role.SUPERVISOR})
"""Who verifies."""
ON_SITE = frozenset({Role.OFFICER, Role.INSPECTOR})
"""Whoever is out in the grids: it has looked when it reports, and may have put it right itself."""
OF_A_CENTRE = frozenset({Role.SUPERVISOR, Role.DISPATCHER, Role.DUTY_HEAD})
"""Whoever runs a centre."""
