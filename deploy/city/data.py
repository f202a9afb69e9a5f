"""The files of data that the city is made from."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.contracts.base import Limit, LimitUnit

HERE = Path(__file__).parent
_LIMIT = re.compile(r"^(\d+(?:\.\d+)?) (s|min|h|d)$")
_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0}


@cache
def read(name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """The content of ``<name>.yaml`` beside this module."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


def limit(text: str) -> Limit:
    """A limit as the files write it: ``36 s``, ``10 min``, ``2 h`` (urgent hours), ``3 d``.

    Raises ValueError for anything else.
    """
    found = _LIMIT.match(text)
    if found is None:
        message = f"{text!r} is no limit: write for example '36 s', '10 min', '2 h' or '3 d'"
        raise ValueError(message)
    amount, unit = float(found[1]), found[2]
    if unit == "d":
        return Limit(amount=amount, unit=LimitUnit.NATURAL_DAY)
    return Limit(amount=amount * _HOURS[unit], unit=LimitUnit.URGENT_HOUR)
