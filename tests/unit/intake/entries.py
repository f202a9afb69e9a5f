"""Entries of a small city for tests."""

from typing import Any

NAMES = {"zh": "名称", "en": "Name"}


def grid(code: str = "990101001001001", **fields: object) -> dict[str, Any]:
    """A grid, a square of a hundredth of a degree."""
    x = 120 + int(code[-3:]) / 100
    ring = [[x, 30], [x + 0.01, 30], [x + 0.01, 30.01], [x, 30.01], [x, 30]]
    square = {"type": "Polygon", "coordinates": [ring]}
    return {"kind": "grid", "code": code, "names": NAMES, "geometry": square, **fields}


def matter(code: str = "litter", unit: str = "urgent_hour", **fields: object) -> dict[str, Any]:
    """A matter with one limit."""
    limits = {"handle": {"amount": 2, "unit": unit}}
    condition = {"code": "any", "names": NAMES, "limits": limits}
    return {
        "kind": "matter", "code": code, "names": NAMES, "klass": "event",
        "conditions": [condition], **fields,
    }  # fmt: skip


def unit(code: str = "u-1", area: str = "990101", **fields: object) -> dict[str, Any]:
    """A unit that handles everything."""
    return {
        "kind": "unit", "code": code, "names": NAMES, "unit_kind": "department",
        "area": area, "matters": ["*"], **fields,
    }  # fmt: skip


def policy(code: str = "9901", **fields: object) -> dict[str, Any]:
    """A policy."""
    return {"kind": "policy", "code": code, "zone": "Asia/Shanghai", **fields}


def area(code: str = "9901") -> dict[str, Any]:
    """An area."""
    return {"kind": "area", "code": code, "names": NAMES}
