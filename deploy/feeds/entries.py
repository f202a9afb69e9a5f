"""Registry entries that follow from the rows of an export: matters, units, the city's policy."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from deploy.feeds import limits
from deploy.feeds.errors import FeedError
from deploy.feeds.mapping import Feed
from deploy.feeds.rows import Row, section
from deploy.feeds.values import NamesTemplate, Template
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Matter, Unit
from shared.contracts.routing_rules import Rules


def matters(feed: Feed, rows: Sequence[Row]) -> Iterator[Matter]:
    """The matters that the rows name, with the limits on which the rows agree."""
    how = section(feed).matter
    derived = limits.derive(feed, section(feed), rows)
    for code, group in _grouped(rows, how.code).items():
        condition = {
            "code": how.condition.code,
            "names": how.condition.names.fill(group[0].known),
            "limits": {stage.value: limit for stage, limit in derived.get(code, {}).items()},
        }
        yield Matter.model_validate(
            {
                "code": code,
                "names": _usual_names(how.names, group),
                "klass": how.klass,
                "category": [template.fill(group[0].known) for template in how.category],
                "conditions": [condition],
            }
        )


def units(feed: Feed, rows: Sequence[Row]) -> Iterator[Unit]:
    """The units that the rows name; each handles the matters with which it stands in a row."""
    how = section(feed).unit
    for code, group in _grouped(rows, how.code).items():
        yield Unit.model_validate(
            {
                "code": code,
                "names": _usual_names(how.names, group),
                "unit_kind": how.kind,
                "area": how.area.fill(group[0].known),
                "matters": sorted(_grouped(group, section(feed).matter.code))
                if how.handles == "rows"
                else [],
            }
        )


def policies(feed: Feed) -> Iterator[Policy]:
    """The policy of the city; raises FeedError when the mapping has none."""
    if feed.policy is None or feed.city is None:
        raise FeedError("this format names no city and policy", "此格式未指定城市和规则")
    yield Policy.model_validate({**feed.policy, "code": feed.city, "zone": feed.zone})


def routing_rules(feed: Feed) -> Iterator[Rules]:
    """The routing rules of the city; raises FeedError when the mapping has none."""
    if not feed.rules or feed.city is None:
        raise FeedError("this format has no routing rules", "此格式没有派遣规则")
    yield Rules(code=feed.city, rules=feed.rules)


def _grouped(rows: Sequence[Row], code: Template) -> Mapping[str, list[Row]]:
    """The rows by the code that each has, in the order of codes; rows without one are left out."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if (found := code.fill(row.known)) is not None:
            groups[found].append(row)
    return dict(sorted(groups.items()))


def _usual_names(names: NamesTemplate, rows: Sequence[Row]) -> dict[str, str] | None:
    """The names that most rows give; an export writes one agency in several ways."""
    found = Counter((names.zh.fill(row.known), names.en.fill(row.known)) for row in rows)
    (zh, en), _ = found.most_common(1)[0]
    return None if zh is None or en is None else {"zh": zh, "en": en}
