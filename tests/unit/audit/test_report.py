"""What an audit says: JSON for programs, a table and both languages for people."""

import json

from rich.console import Console

from deploy.audit.letters import Letter
from deploy.audit.problems import LISTED, Findings, Problem
from deploy.audit.report import report
from deploy.cli.audit_view import show


def findings(*problems: Problem) -> Findings:
    found = Findings()
    found.counts.update({"accepted": 5, "filed": 3, "rejected": 1, "in_review": 1, "repeats": 0})
    found.in_flight["contributions not counted yet"] = 7
    found.in_flight["registry changes"] = 0
    found.add(problems)
    return found


def shown(*problems: Problem, letters: list[Letter] | None = None) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        show(report(findings(*problems), {"dispatch": 4}, letters or []), console)
    return captured.get()


PROBLEM = Problem("no_outcome", "8248f8b2", "dispatch is past wangge.incidents.v1/2/0")
LETTER = Letter("dispatch", "t", 0, 3, "undecodable", "no JSON", None, frozenset({"8248f8b2"}))


def test_json_has_what_programs_ask_for() -> None:
    said = json.loads(json.dumps(report(findings(PROBLEM), {}, [LETTER]).as_json()))
    assert said["clean"] is False
    assert [said[name] for name in ("accepted", "filed", "rejected", "in_review")] == [5, 3, 1, 1]
    assert said["problems"] == [{"kind": "no_outcome", "id": "8248f8b2", "detail": PROBLEM.detail}]
    assert said["in_flight"] == {"contributions not counted yet": 7}
    assert said["dead_letters"][0]["about"] == ["8248f8b2"]


def test_clean_means_no_problem_whatever_is_in_flight() -> None:
    assert report(findings(), {"dispatch": 4}, [LETTER]).clean


def test_more_problems_than_are_listed_are_all_counted() -> None:
    found = report(findings(*[PROBLEM] * (LISTED + 5)), {}, [])
    assert len(found.problems) == LISTED
    assert found.problem_counts == {"no_outcome": LISTED + 5}


def test_people_read_the_problem_in_both_languages() -> None:
    said = shown(PROBLEM, letters=[LETTER])
    for text in ("已受理而无结果", "accepted, without an outcome", "8248f8b2", PROBLEM.detail):
        assert text in said
    assert "dead letter 死信: dispatch t/0/3 undecodable: no JSON" in said
    assert "not handled in time 未及处理: dispatch 4" in said
    assert "1 problems  共 1 个问题" in said


def test_people_are_told_that_it_is_clean() -> None:
    said = shown()
    assert "clean: everything is accounted for  审计通过" in said
    assert "in flight 在途: contributions not counted yet 7" in said
