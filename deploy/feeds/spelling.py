"""How people write limits in files: ``36 s``, ``10 min``, ``2 h``, ``4 wh``, ``1 wd``, ``3 d``."""

import re
from decimal import Decimal

from shared.contracts.base import Limit, LimitUnit

_LIMIT = re.compile(r"^(\d+(?:\.\d+)?) (s|min|h|wh|wd|d)$")
_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0}
_UNITS = {
    "wh": LimitUnit.WORKING_HOUR,
    "wd": LimitUnit.WORKING_DAY,
    "d": LimitUnit.NATURAL_DAY,
}
_WORDS = {unit: word for word, unit in _UNITS.items()}


def limit(text: str) -> Limit:
    """A limit as files write it: s, min and h are urgent hours (they run through the night).

    wh are working hours, wd working days, d natural days. Raises ValueError for anything else.
    """
    found = _LIMIT.match(text.strip())
    if found is None:
        message = (
            f"{text!r:.40} is no limit: write for example '36 s', '10 min', '2 h', '4 wh', "
            "'1 wd' or '3 d'"
        )
        raise ValueError(message)
    amount, word = float(found[1]), found[2]
    if word in _UNITS:
        return Limit(amount=amount, unit=_UNITS[word])
    return Limit(amount=amount * _HOURS[word], unit=LimitUnit.URGENT_HOUR)


def spelled(one: Limit) -> str:
    """A limit in the shortest spelling that reads as the same limit again."""
    if one.unit in _WORDS:
        return f"{_plain(one.amount)} {_WORDS[one.unit]}"
    for word, hours in _HOURS.items():
        amount = round(one.amount / hours, 6)
        text = f"{_plain(amount)} {word}"
        if 1 <= amount < 60 and limit(text) == one:  # noqa: PLR2004 - the next unit begins
            return text
    return f"{_plain(one.amount)} h"


def _plain(amount: float) -> str:
    """To the last bit, and never in the notation of powers of ten."""
    text = format(Decimal(repr(amount)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
