"""The table of transitions as documents show it: Markdown, and a diagram of states."""

from typing import Any

from services.dispatch.domain.transitions import TABLE, Transition


def as_rows() -> list[dict[str, Any]]:
    """The table as data, a row each: what ``GET /v1/transitions`` and ``wangge case table`` tell.

    ``request``: of a decision, on what kind of request; ``lowest_level``: the lowest level whose
    people may, none: any; ``may_stay``: whether it may leave the state as it is.
    """
    return [
        {
            "action": row.verb,
            "request": row.request,
            "from": list(row.states),
            "roles": sorted(row.roles),
            "lowest_level": row.lowest,
            "guards": list(row.guards),
            "events": [one.TYPE for one in row.events],
            "to": list(row.to),
            "may_stay": _may_stay(row),
            "why": row.why,
        }
        for row in TABLE
    ]


def _may_stay(row: Transition) -> bool:
    return row.may_stay or not row.to


def as_markdown() -> str:
    """The table as Markdown."""
    lines = [
        "| action | from | by | lowest level | only if | event | to | why |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row) for row in TABLE]
    return "\n".join(lines) + "\n"


def _line(row: Transition) -> str:
    action = f"`{row.verb}`" + (f" of a request for {row.request}" if row.request else "")
    cells = (
        action,
        ", ".join(row.states),
        ", ".join(sorted(row.roles)),
        row.lowest or "any",
        "; ".join(row.guards),
        ", ".join(f"`{one.TYPE}`" for one in row.events),
        " or ".join((*row.to, *(("as it is",) if _may_stay(row) else ()))),
        row.why,
    )
    return f"| {' | '.join(cells)} |"


def as_diagram() -> str:
    """The table as a diagram of states (Mermaid); what leaves the state as it is, is left out."""
    lines = ["stateDiagram-v2"]
    for row in TABLE:
        name = f"{row.verb} {row.request}" if row.request else str(row.verb)
        for state in row.states:
            lines += [f"    {state} --> {to}: {name}" for to in row.to if to != state]
    return "\n".join(lines) + "\n"
