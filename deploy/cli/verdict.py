"""Exit statuses of commands that judge: a fault in what they look at is not one of their own."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from deploy.cli.console import complain
from deploy.local.errors import StackError

NOT_FOUND_OUT = 2


@contextmanager
def or_not_found_out() -> Iterator[None]:
    """Say an error of the block and end with status 2: nothing was judged."""
    try:
        yield
    except StackError as error:
        complain(error)
        raise typer.Exit(NOT_FOUND_OUT) from error
    except Exception as error:  # a crash is no verdict either
        traceback.print_exc()
        raise typer.Exit(NOT_FOUND_OUT) from error
