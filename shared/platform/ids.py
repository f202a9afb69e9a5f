"""Ids are caused, not drawn: whoever does the same thing again makes the same id again."""

import hashlib
from uuid import UUID

NAMESPACE = UUID("6f0d8a53-6c0e-5b7a-9d1c-0f4b6c2b7a11")
"""The product's own namespace of UUIDv5."""
_NAMESPACE = NAMESPACE.bytes

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to mishear
_CHECK = _DIGITS + "*~$=U"
_RECEIPT_DIGITS = 12


def caused_id(*parts: object) -> str:
    """The UUIDv5 of its parts, in order; kept apart, so ("a", "bc") is not ("ab", "c").

    As ``uuid.uuid5`` makes it, in half the time: every event that follows needs one.
    """
    name = "\x1f".join(map(str, parts)).encode()
    raw = bytearray(hashlib.sha1(_NAMESPACE + name, usedforsecurity=False).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def incident_id(caller: str, idempotency_key: str) -> str:
    """The id of an incident: two racing requests of one caller and key meet in one document."""
    return caused_id("incident", caller, idempotency_key)


def action_id(caller: str, incident: str, idempotency_key: str) -> str:
    """The id of an action that a caller asks for on an incident."""
    return caused_id("action", caller, incident, idempotency_key)


def order_id(caller: str, idempotency_key: str) -> str:
    """The id of an order: two racing requests of one caller and key meet in one document."""
    return caused_id("order", caller, idempotency_key)


def receipt_no(incident: str) -> str:
    """The receipt number 受理号 of an incident: ``XXXX-XXXX-XXXX-C``, to be dictated.

    60 bits of the incident's id in Crockford's base 32 and its check symbol (modulo 37), which
    finds every single wrong digit and every swap of two neighbours.
    """
    return _dictated("receipt", incident)


def order_no(order: str) -> str:
    """The number of an order 指令号: of the form of a receipt number, made of the order's id."""
    return _dictated("order", order)


def _dictated(kind: str, document: str) -> str:
    digest = hashlib.sha256(f"{kind}\x1f{document}".encode()).digest()
    number = int.from_bytes(digest[:8], "big") >> (64 - 5 * _RECEIPT_DIGITS)
    text = "".join(
        _DIGITS[number >> shift & 31] for shift in range(5 * (_RECEIPT_DIGITS - 1), -1, -5)
    )
    return f"{text[:4]}-{text[4:8]}-{text[8:]}-{_CHECK[number % 37]}"


def normalize_receipt_no(text: str) -> str | None:
    """A receipt or order number as somebody typed it, in its own form; None when it is none.

    Case, blanks and hyphens do not count, O is 0, I and L are 1; the check symbol must fit.
    """
    plain = text.upper().replace("-", "").replace(" ", "")
    body = plain[:-1].translate(str.maketrans("OIL", "011"))
    if len(body) != _RECEIPT_DIGITS or any(digit not in _DIGITS for digit in body):
        return None
    number = 0
    for digit in body:
        number = number << 5 | _DIGITS.index(digit)
    if _CHECK[number % 37] != plain[-1]:
        return None
    return f"{body[:4]}-{body[4:8]}-{body[8:]}-{plain[-1]}"
