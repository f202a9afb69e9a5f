"""What was wanted beside what was measured; a goal that is missed is told, and is no failure."""


def met(reached: bool) -> str:  # noqa: FBT001 - one word
    """Whether a goal was reached, in the word that stands behind it."""
    return "met" if reached else "missed"
