"""The stable words of dispatch's decisions, as people read them."""

from collections.abc import Mapping

from shared.contracts.base import Names

LOST: Mapping[str, Names] = {
    "larger_area": Names(zh="辖区更大，不是最近的单位", en="its area is larger, it is less near"),
    "later_code": Names(
        zh="辖区相同，按编码排在其后", en="its area is as near, its code comes later"
    ),
    "other_kind": Names(
        zh="单位类型不是该事项的主办类型", en="it is not of the kind that leads the matter"
    ),
    "returned_before": Names(
        zh="此前退回已获同意", en="its request to return the case was granted before"
    ),
    "not_in_force": Names(zh="该单位现已撤销或不存在", en="there is no such unit in force"),
    "owns_only": Names(
        zh="仅为权属单位，另有养护单位", en="it owns the component, which another unit maintains"
    ),
    "not_the_keeper": Names(
        zh="受理该事项，但不养护该部件", en="it handles the matter, but does not keep the component"
    ),
    "rule_decided": Names(
        zh="派遣规则先于就近原则", en="a routing rule decided before nearness did"
    ),
    "at_its_cap": Names(zh="在办案卷已达上限", en="it has as many open cases as it may have"),
}
"""Why a unit did not get a case."""
MEMBER_LOST: Mapping[str, Names] = {
    "not_yet_joined": Names(zh="尚未到岗", en="not yet joined"),
    "has_left": Names(zh="已离岗", en="left"),
    "other_grids": Names(zh="负责其他网格", en="of other grids"),
    "off_duty": Names(zh="不在班", en="off duty"),
    "at_its_cap": Names(zh="在办已达上限", en="at their cap"),
    "more_loaded": Names(zh="在办更多", en="with more open cases"),
    "less_near": Names(zh="距离更远", en="less near"),
    "by_lot": Names(zh="条件相同，抽签落选", en="equal, and not drawn"),
}
"""Why a member of the unit did not get a case."""
LEVELS: Mapping[str, Names] = {
    "city": Names(zh="市级", en="city"),
    "county": Names(zh="县级", en="county"),
    "town": Names(zh="镇街", en="town"),
    "community": Names(zh="村社", en="community"),
}
FOUND: Mapping[str, Names] = {
    "named_by_dispatcher": Names(zh="由派遣员指定", en="a dispatcher named it"),
    "named_by_duty_head": Names(zh="由值班长指定", en="the duty head named it"),
    "ruled_by_duty_head": Names(zh="由值班长裁定", en="the duty head ruled whose it is"),
    "nearest_unit_of_matter": Names(
        zh="受理该事项且辖区最近", en="of the units that handle the matter its area is the nearest"
    ),
    "flow_state": Names(
        zh="流程当前环节指定，且辖区最近",
        en="the state in which its flow is names it, and its area is the nearest",
    ),
    "successor": Names(
        zh="原单位已撤销，由其承接在办案卷",
        en="it takes over the open cases of a unit that was withdrawn",
    ),
    "town_overflow": Names(
        zh="应派单位在办已达上限，转由镇街中心",
        en="the unit whose it would be has as many open cases as it may have, so the town's "
        "centre has it",
    ),
}
"""How a unit was found, where no rule of the area's own decided."""
UNROUTED: Mapping[str, Names] = {
    "no_unit": Names(
        zh="没有可派的单位，待中心裁定", en="nobody could be given it: the centre rules whose it is"
    ),
}
"""Why the rules gave a case to nobody."""


def word(words: Mapping[str, Names], key: str) -> Names:
    """A word that this version does not know is told as it stands."""
    return words.get(key) or Names(zh=key, en=key)
