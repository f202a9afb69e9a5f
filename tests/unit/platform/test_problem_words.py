"""Every code of a problem, and of a mistake in an entry, has words in Chinese and English."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from services.intake.domain.findings import SEVERITY, Severity
from shared.platform.http import ProblemError
from shared.platform.problem_words import OF_ENTRIES, OF_REQUESTS, WORDS, explanation

ROOT = Path(__file__).parents[3]
RAISED = {"ProblemError": 1, "Objection": 1, "_unauthorized": 0, "Fault": 0}
"""Which argument of a call is the code."""
BY_THE_FRAMEWORK = {
    HTTPStatus(number).phrase.lower().replace(" ", "_") for number in (401, 403, 404, 405, 409, 415)
}


def declared(tree: ast.Module) -> Iterator[str]:
    """The codes that a module raises, and those that its ``mistakes`` yields with what to do."""
    checks = any(isinstance(one, ast.FunctionDef) and one.name == "mistakes" for one in tree.body)
    for node in ast.walk(tree):
        first: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = RAISED.get(node.func.id, len(node.args))
            first = node.args[place] if place < len(node.args) else None
        elif checks and isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            first = node.value.elts[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def codes() -> set[str]:
    files = [*(ROOT / "services").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]
    return {code for one in files for code in declared(ast.parse(one.read_text("utf-8")))}


def test_every_code_that_is_declared_has_words_and_every_words_have_a_code() -> None:
    refused = {one.value for one, severity in SEVERITY.items() if severity is Severity.REFUSED}
    found = codes() | refused | BY_THE_FRAMEWORK
    computed = {
        *("registry_stuck", "invalid_entries", "invalid_redraw"),
        *("grid_findings", "refused_findings"),
    }
    assert {"deadline_passed", "no_clock", "bad_credentials"} <= found
    assert found - WORDS.keys() == set()
    assert WORDS.keys() - found == computed


def test_words_are_in_both_languages_and_no_code_stands_in_both_tables() -> None:
    assert not OF_REQUESTS.keys() & OF_ENTRIES.keys()
    for code, (zh, en) in WORDS.items():
        assert re.search("[\u4e00-\u9fff]", zh), code
        assert not re.search("[\u4e00-\u9fff]", en), code
        assert not zh.endswith("。"), code
        assert not en.endswith("."), code


def test_a_problem_and_each_of_its_errors_say_what_their_codes_mean() -> None:
    errors: list[dict[str, object]] = [
        {"index": 0, "code": "no_clock"},
        {"field": "title", "error": "blank"},
    ]
    body = ProblemError(422, "invalid_entries", "one", errors=errors).body()
    assert body["explanation"] == explanation("invalid_entries")
    assert body["errors"] == [{**errors[0], "explanation": explanation("no_clock")}, errors[1]]
    assert errors[0] == {"index": 0, "code": "no_clock"}, "what was given is left as it is"


@pytest.mark.parametrize("code", ["taken", "None"])
def test_a_code_without_words_is_told_without(code: str) -> None:
    assert "explanation" not in ProblemError(409, code, "it is taken").body()
