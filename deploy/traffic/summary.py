"""What a run of traffic came to, for programs and in one line."""

from typing import Any

from deploy.traffic.board import Board, quantile
from deploy.words import STATES, Language, pick


def figures(board: Board) -> dict[str, Any]:
    """The figures as JSON has them; times in seconds, latencies in milliseconds."""
    reported = sum(board.states[state] for state in STATES if state != "sent")
    return {
        "seconds": round(board.seconds, 1),
        "reported": reported,
        "undecided": board.undecided,
        "states": {state: board.states[state] for state in STATES if state != "sent"},
        "events": dict(sorted(board.events.items())),
        "words": {f"{kind} {word}": n for (kind, word), n in sorted(board.words.items())},
        "first_closed_s": _rounded(board.first_closed_s),
        "latency_ms": {
            "p50": _thousandths(quantile(board.latencies, 0.5)),
            "p99": _thousandths(quantile(board.latencies, 0.99)),
        },
        "retries": board.retries,
        "failures": dict(sorted(board.failures.items())),
    }


def line(board: Board, language: Language) -> str:
    """The state of things in one line."""
    shown = (state for state in STATES if board.states[state])
    return ", ".join(f"{pick(STATES[state], language)} {board.states[state]}" for state in shown)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _thousandths(value: float | None) -> float | None:
    return None if value is None else round(value * 1000, 1)
