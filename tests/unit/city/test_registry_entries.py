"""What the commands read of the registry is what is in force now."""

import httpx

from deploy import registry
from deploy.client import Client
from shared.registry.spans import Validity
from tests.unit.intake.entries import unit

NOW, DAY = "2026-03-02T01:00:00.000Z", "2126-12-01T00:00:00.000Z"


async def test_all_pages_are_of_one_instant_and_what_begins_later_is_said() -> None:
    asked: list[dict[str, str]] = []
    pages = [
        {"items": [told("u-1"), told("u-2", DAY)], "next": "more", "at": NOW, "scheduled": []},
        {
            "items": [], "next": None, "at": NOW,
            "scheduled": [{"key": "unit/u-3", "n": 1, "valid_from": DAY}],
        },
    ]  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=pages[len(asked) - 1])

    validities: dict[str, Validity] = {}
    scheduled: dict[str, str] = {}
    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        found = await registry.entries(client, "unit", validities, scheduled)
    assert [one.code for one in found] == ["u-1", "u-2"]
    assert [one["at"] for one in asked] == ["now", NOW]
    assert list(validities) == ["unit/u-2"]
    assert scheduled == {"unit/u-3": DAY}


def told(code: str, until: str | None = None) -> dict[str, object]:
    return {
        "key": f"unit/{code}", "n": 1, "valid_from": NOW, "valid_until": until,
        "entry": unit(code),
    }  # fmt: skip
