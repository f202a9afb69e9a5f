"""What the commands print with: results on standard output, all else on standard error."""

from rich.console import Console

from deploy.local.errors import StackError

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def complain(error: StackError) -> None:
    """Say an error in both languages."""
    err.print(error.en, style="bold red", markup=False)
    err.print(error.zh, style="red", markup=False)


def counted(number: int, what: str) -> str:
    """How many there are, in English."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def note(en: str, zh: str) -> None:
    """Say what is going on, in both languages on one line."""
    err.print(f"{en}  {zh}", markup=False)
