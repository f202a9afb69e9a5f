"""A trial compares a draft with the rules in force today, whatever is to come or to end."""

from datetime import timedelta

from deploy.trial.registries import Archive
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.routing_rules import Destination, RoutingRule, Rules
from tests.registry.entries import EPOCH, NAMES, alone, version

DAY = timedelta(days=1)
TODAY = EPOCH + 10 * DAY


def rules(area: str, unit: str) -> Rules:
    rule = RoutingRule(code="one", names=NAMES, lead=Destination(unit=unit))
    return Rules(code=area, rules=(rule,))


def archive(*versions: EntrySet, draft: dict[str, Rules] | None = None) -> Archive:
    return Archive(list(enumerate(versions)), draft or {}, TODAY)


def test_todays_rules_are_those_in_force_whatever_is_to_come_or_to_end() -> None:
    found = archive(
        version(rules("9901", "a"), alone("1"), until=TODAY + DAY),
        version(rules("990101", "b"), alone("2")),
        version(rules("990101", "c"), alone("3"), 2, since=TODAY + DAY),
        version(rules("990102", "d"), alone("4"), until=TODAY),
    )
    assert {area: one.rules[0].lead.unit for area, one in found.rules_today.items()} == {
        "9901": "a", "990101": "b",
    }  # fmt: skip


def test_a_draft_replaces_the_rules_of_the_areas_that_it_names_and_no_others() -> None:
    entries = version(rules("9901", "a"), alone("1")), version(rules("990101", "b"), alone("2"))
    found = archive(*entries, draft={"990101": rules("990101", "z")}).at(1)
    grid = "990101001001001"
    leads = {
        name: [one.rules[0].lead.unit for one, _ in registry.rules_around(grid, TODAY)]
        for name, registry in (("today", found.today), ("draft", found.draft))
    }
    assert leads == {"today": ["b", "a"], "draft": ["z", "a"]}


def test_a_draft_that_names_what_is_not_in_force_is_told_and_todays_own_mistakes_are_not() -> None:
    here = version(rules("9901", "gone"), alone("1"))
    same = archive(here, draft={"9901": rules("9901", "gone")})
    assert same.unknown_names == []
    (found,) = archive(here, draft={"9901": rules("9901", "tpyo")}).unknown_names
    assert (found.code, found.codes) == ("unknown_name", ("9901", "one"))
    assert "unit tpyo" in found.en
