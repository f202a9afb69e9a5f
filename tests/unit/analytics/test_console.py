"""The console is whole: nothing comes from elsewhere, and no word is missing in a language."""

import re

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services.analytics.http.console import FOLDER, files, router
from shared.platform.http import equip

PAGE = (FOLDER / "index.html").read_text()
SCRIPTS = {path.name: path.read_text() for path in FOLDER.glob("*.js")}


def client() -> AsyncClient:
    app = FastAPI()
    equip(app, "analytics", lambda: None)
    app.include_router(router('Asia/Shanghai"><script>'))
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


def words(language: str) -> set[str]:
    block = re.search(rf"\n  {language}: {{\n(.*?)\n  }},", SCRIPTS["words.js"], re.DOTALL)
    assert block is not None
    return set(re.findall(r"(\w+): \"", block[1]))


def test_both_languages_have_every_word() -> None:
    assert words("zh") == words("en")
    assert set(re.findall(r'data-word="(\w+)"', PAGE)) <= words("zh")
    used = {word for text in SCRIPTS.values() for word in re.findall(r'word\("(\w+)"', text)}
    assert used
    assert used <= words("zh")


def test_nothing_comes_from_elsewhere() -> None:
    for name, body in files("UTC").items():
        text = body.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import|url\(", text), name


def test_every_part_that_is_named_is_there() -> None:
    named = set(re.findall(r'console/([\w.]+)"', PAGE))
    imported = {one for text in SCRIPTS.values() for one in re.findall(r'"\./([\w.]+)"', text)}
    assert named | imported | {"index.html"} == set(files("UTC"))


def test_texts_are_never_markup() -> None:
    for name, text in SCRIPTS.items():
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text
        ), name


async def test_the_page_lets_nothing_in_and_asks_whether_it_is_still_the_same() -> None:
    async with client() as http:
        page = await http.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "<script>" not in page.text.replace('<script type="module"', "")
        again = await http.get("/", headers={"If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", sorted(files("UTC")))
async def test_every_part_is_served(name: str) -> None:
    async with client() as http:
        found = await http.get(f"/console/{name}")
        assert found.status_code == 200
        assert found.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.js", "..%2fapp.py", "%2e%2e/app.py"])
async def test_nothing_else_is_served(name: str) -> None:
    async with client() as http:
        assert (await http.get(f"/console/{name}")).status_code == 404
