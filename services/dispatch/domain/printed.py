"""The table of transitions as documents show it: Markdown, and a diagram of states."""

from services.dispatch.domain.transitions import TABLE, Transition


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
        " or ".join((*row.to, *(("as it is",) if row.may_stay or not row.to else ()))),
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
