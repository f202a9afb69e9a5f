"""Redrawing grids, and withdrawing entries, over intake's HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from deploy.client import Client
from deploy.feeds import grids
from deploy.local.errors import StackError
from deploy.registry import published
from shared.registry.spans import ValidityError, apart


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What became of a redrawing, or for a dry run would become."""

    change: str | None
    """The id of the change; None where there was nothing to change, or for a dry run."""
    count: int
    """How many grids are new, different or ended."""
    valid_from: str | None
    effects: tuple[Mapping[str, Any], ...]
    """For a dry run: ``key``, ``what`` becomes of it, and the version ``n`` that it becomes."""
    warnings: tuple[str, ...]
    findings: tuple[Mapping[str, Any], ...] = ()
    """What it leaves, as features of GeoJSON: a plan that inspects nothing any more, and so on."""


def drawn(path: Path) -> list[dict[str, Any]]:
    """The grids of a GeoJSON FeatureCollection: properties ``code``, and for new ones zh and en.

    Raises FeedError when it is none.
    """
    found: list[dict[str, Any]] = []
    for feature in grids.features(path):
        said = feature.get("properties") or {}
        names = {tongue: said[tongue] for tongue in ("zh", "en") if said.get(tongue)}
        one = {"code": str(said.get("code", "")), "geometry": feature.get("geometry")}
        found.append(one | ({"names": names} if names else {}))
    return found


def since(text: str | None) -> dict[str, str]:
    """``valid_from`` of a day (``2026-12-01``) or an instant with its zone; raises StackError."""
    try:
        return apart({"valid_from": text})[1].raw()
    except ValidityError as error:
        raise StackError(
            str(error), f"{text!r} 既不是日期（2026-12-01，当地零点起生效），也不是带时区的时刻"
        ) from error


async def redraw(
    client: Client, body: Mapping[str, Any], *, dry_run: bool, accept_findings: bool
) -> Redrawn:
    """Split, merge or move grids as one change, and wait until it is published.

    The client acts as a registry administrator. Raises RefusedError, AwayError.
    """
    asked = {"dry_run": dry_run, "accept_findings": accept_findings}
    params = {name: "true" for name, wanted in asked.items() if wanted}
    told = await client.post("/v1/registry/redraw", dict(body), str(uuid4()), params=params)
    if told["state"] == "decided":
        await published(client, told["change"])
    return Redrawn(
        told.get("change"),
        told["count"],
        told.get("valid_from"),
        tuple(told.get("effects") or ()),
        tuple(one["detail"] for one in told.get("warnings") or ()),
        features(told),
    )


def features(told: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The findings of an answer."""
    return tuple((told.get("findings") or {}).get("features", ()))


async def withdraw(
    client: Client, key: str, move_to: str | None, *, accept_findings: bool
) -> Mapping[str, Any]:
    """Withdraw the latest version of ``kind/code``; what it is then. Raises as `redraw` does."""
    path = f"/v1/registry/{quote(key)}"
    latest = await client.get(path)
    params = {"move_to": move_to} if move_to else {}
    if accept_findings:
        params["accept_findings"] = "true"
    told: Mapping[str, Any] = await client.delete(path, f'"{latest["n"]}"', params)
    return told
