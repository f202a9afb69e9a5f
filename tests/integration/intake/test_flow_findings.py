"""An import that leaves a matter without its flow is made, and says so."""

from typing import Any

from shared.platform.security import Principal, Role
from tests.integration.intake.client import Intake, bearer
from tests.unit.dispatch.flows import HAZARD
from tests.unit.intake.entries import matter

ADMIN = Principal(subject="adm", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}))
FLOW = {**HAZARD.model_dump(mode="json", exclude_none=True), "code": "of-another-import"}


async def load(intake: Intake, *entries: dict[str, Any]) -> dict[str, Any]:
    answer = await intake.http.post(
        "/v1/registry/import", json={"entries": entries}, headers=bearer(ADMIN)
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_matter_whose_flow_is_not_there_is_told_of(intake: Intake) -> None:
    told = await load(intake, matter("hazard-1", flow=FLOW["code"]))
    assert (told["state"], told["found"]) == ("published", {"unknown_flow": 1})
    (feature,) = told["findings"]["features"]
    assert feature["properties"]["codes"] == ["hazard-1"]
    assert FLOW["code"] in feature["properties"]["en"]
    # Once it is there nothing is said any more, in whichever order one change names them.
    told = await load(intake, matter("hazard-2", flow=FLOW["code"]), FLOW)
    assert told["found"] is None
    told = await load(intake, matter("hazard-3", flow=FLOW["code"]))
    assert told["found"] is None
