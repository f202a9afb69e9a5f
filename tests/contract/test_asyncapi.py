"""The AsyncAPI documents say what the code does, and people can read them."""

from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import jsonschema
import pytest
import pytest_asyncio
from fastapi import FastAPI
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from shared.contracts.asyncapi import SERVICES, document
from shared.contracts.catalog import MODELS, TOPIC_EVENTS
from shared.contracts.json_schema import schemas
from shared.contracts.titles import TITLES
from shared.contracts.topics import BUSY_PARTITIONS, TOPICS, reads
from shared.platform.http import equip

EVERY = (None, *SERVICES)


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for one in node.values():
            yield from references(one)
    elif isinstance(node, list):
        for one in node:
            yield from references(one)


def resolve(whole: dict[str, Any], reference: str) -> Any:  # noqa: ANN401 - any part
    found: Any = whole
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


@pytest.mark.parametrize("service", EVERY)
def test_a_document_has_the_form_of_asyncapi_3(service: str | None) -> None:
    ApplicationSchema.model_validate(document(service))


@pytest.mark.parametrize("service", EVERY)
def test_every_reference_leads_somewhere(service: str | None) -> None:
    whole = document(service)
    found = [resolve(whole, one) for one in references(whole)]
    assert len(found) > 20
    assert all(found)


def test_the_whole_names_every_topic_and_every_type_once() -> None:
    whole = document()
    assert [one["address"] for one in whole["channels"].values()] == [t.name for t in TOPICS]
    assert sorted(one["name"] for one in whole["components"]["messages"].values()) == sorted(MODELS)


def test_the_busy_topics_have_one_number_of_partitions() -> None:
    channels = document()["channels"]
    sizes = {channels[n]["bindings"]["kafka"]["partitions"] for n in ("incidents", "cases")}
    assert sizes == {BUSY_PARTITIONS}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_receives_what_it_subscribes_to_in_its_own_group(service: str) -> None:
    operations = document(service)["operations"].values()
    grouped = {
        one["channel"]["$ref"].removeprefix("#/channels/"): one["bindings"]["kafka"]["groupId"]
        for one in operations
        if one["action"] == "receive" and "bindings" in one
    }
    groups = [service, "escalation-notifier"] if service == "escalation" else [service]
    expected = {
        topic.name.split(".")[1]: [f"wangge-{one}"] for one in groups for topic in reads(one)
    }
    assert {name: group["enum"] for name, group in grouped.items()} == expected


def test_each_topic_but_the_dead_letters_has_one_writer() -> None:
    names = [n for n in document()["operations"] if ".send." in n and not n.endswith("letters")]
    assert sorted(n.rpartition(".")[2] for n in names) == sorted(
        {t.name.split(".")[1] for t in TOPICS} - {"dead-letters"}
    )


def test_nobody_has_a_document_for_a_service_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        document("billing")


def test_parts_of_one_name_are_one_part() -> None:
    shared: dict[str, Any] = {}
    for schema in schemas().values():
        for name, part in schema.get("$defs", {}).items():
            assert shared.setdefault(name, part) == part, name


@pytest.mark.parametrize("name", sorted(document()["components"]["messages"]))
def test_an_example_is_valid_by_the_payload_and_the_headers_beside_it(name: str) -> None:
    whole = document()
    message = whole["components"]["messages"][name]
    payload = {**message["payload"]["schema"], "components": whole["components"]}
    assert message["examples"]
    for example in message["examples"]:
        jsonschema.Draft202012Validator(payload).validate(example["payload"])
        jsonschema.Draft202012Validator(message["headers"]).validate(example["headers"])


def test_every_type_has_a_title_of_its_own_in_both_languages() -> None:
    assert TITLES.keys() == MODELS.keys()
    assert len({title.zh for title in TITLES.values()}) == len(TITLES)
    assert len({title.en for title in TITLES.values()}) == len(TITLES)


class Links(HTMLParser):
    """The anchors, the links, and whatever would be loaded or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.hrefs: set[str] = set()
        self.foreign: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        self.hrefs.add(found.get("href") or "")
        if tag in {"script", "link", "img", "iframe", "form", "button"} or "src" in found:
            self.foreign.append(tag)


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    equip(app, "dispatch", lambda: None)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


async def test_the_page_loads_nothing_runs_nothing_and_its_links_lead_somewhere(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/asyncapi", params={"of": "system"})
    links = Links(answer.text)

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert links.foreign == []
    anchors = {one[1:] for one in links.hrefs if one.startswith("#")}
    assert anchors, "fields link to their parts"
    assert anchors <= links.ids
    for href in links.hrefs - {f"#{one}" for one in anchors} - {""}:
        page = f"/asyncapi{href}" if href.startswith("?") else f"/{href}"
        found = await client.get(page)
        assert found.status_code == 200, href


async def test_the_page_speaks_the_language_that_is_asked_for(client: httpx.AsyncClient) -> None:
    async def page(accept: str, **params: str) -> str:
        headers = {"Accept-Language": accept}
        return (await client.get("/asyncapi", headers=headers, params=params)).text

    assert "操作请求" in await page("zh-CN,zh;q=0.9,en;q=0.8")
    assert "操作请求" in await page("fr")
    assert "Action requested" in await page("en-US,en;q=0.9,zh;q=0.5")
    assert "Action requested" in await page("zh-CN", lang="en")
    assert "操作请求" not in await page("zh-CN", lang="en")


async def test_a_service_shows_its_own_topics_and_on_request_all(client: httpx.AsyncClient) -> None:
    own = (await client.get("/asyncapi.json")).json()
    whole = (await client.get("/asyncapi.json", params={"of": "system"})).json()
    assert own == document("dispatch")
    assert whole == document()


async def test_a_schema_is_served_and_an_unknown_one_is_a_problem(
    client: httpx.AsyncClient,
) -> None:
    name = "cn.wangge.case.filed.v1"
    assert (await client.get(f"/asyncapi/schemas/{name}.json")).json() == schemas()[name]
    answer = await client.get("/asyncapi/schemas/no.such.type.json")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert "no.such.type" in answer.json()["detail"]


def test_the_catalog_and_the_topics_agree() -> None:
    assert tuple(TOPIC_EVENTS) == TOPICS
