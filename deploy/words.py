"""Words of the domain as tables show them, in Chinese and English."""

from typing import Literal

from shared.contracts.base import Names

Language = Literal["zh", "en"]

STATES = {
    "sent": ("已发送", "sent"),
    "reported": ("已上报", "reported"),
    "in_review": ("待受理", "in review"),
    "rejected": ("不予立案", "rejected"),
    "linked": ("重复上报", "duplicate"),
    "answered": ("直接答复", "answered"),
    "transferred": ("已转办", "transferred"),
    "filed": ("已立案", "filed"),
    "dispatched": ("已派遣", "dispatched"),
    "accepted": ("已接收", "accepted"),
    "handled": ("已处置", "handled"),
    "closed": ("已结案", "closed"),
    "voided": ("已作废", "voided"),
}
"""The states of an incident, in the order of the loop."""

WORDS = {
    "ordinary": ("普通", "ordinary"),
    "yellow_card": ("黄牌", "yellow card"),
    "red_card": ("红牌", "red card"),
    "to_be_asked": ("将重设", "would be asked"),
    "done": ("已办理", "done"),
    "pending": ("处理中", "pending"),
    "nothing_to_rearm": ("无需重设", "nothing to change"),
    "blue": ("蓝色", "blue"),
    "orange": ("橙色", "orange"),
    "red": ("红色", "red"),
    "filing": ("立案", "filing"),
    "dispatch": ("派遣", "dispatch"),
    "accept": ("接收", "accept"),
    "handle": ("处置", "handle"),
    "verify": ("核查", "verify"),
    "total": ("全程", "total"),
    "unknown_condition": ("没有该立案条件", "unknown condition"),
    "unknown_matter": ("事项不在清单", "unknown matter"),
    "no_matter": ("未说明事项", "no matter named"),
    "no_location": ("没有位置", "no location"),
    "outside_every_grid": ("不在任何网格内", "outside every grid"),
    "no_policy": ("没有适用规则", "no policy"),
    "duplicate": ("同一问题已上报", "reported before"),
    "source_floods": ("来源上报过多", "source floods"),
    "unknown_place": ("地址不在地名库", "unknown place"),
    "to_be_verified": ("立案前须核实", "to be looked at first"),
    "not_as_reported": ("现场与上报不符", "not as reported"),
    "rejected_by_desk": ("受理员不予受理", "rejected by the desk"),
    "answered_by_desk": ("受理员直接答复", "answered by the desk"),
    "transferred_by_desk": ("受理员转办", "transferred by the desk"),
    "appealed": ("上报人申诉", "the reporter appealed"),
    "review_date": ("到期复核", "review date"),
    "state_changes": ("状态变化", "its state changes"),
    "reported_twice": ("同一上报收到两次", "arrived twice"),
    "routing_rule": ("派遣规则", "routing rule"),
    "town_overflow": ("单位已满，转镇街", "town, unit is full"),
    "successor": ("承接单位", "successor"),
    "flow_state": ("流程指定", "by its flow"),
    "no_unit": ("无单位可派", "no unit"),
    "nearest_unit_of_matter": ("就近受理单位", "nearest unit"),
    "component_maintainer": ("部件养护单位", "component's keeper"),
    "named_by_dispatcher": ("派遣员指定", "named by the centre"),
    "late": ("逾期", "late"),
    "ownerless_component": ("无主部件", "ownerless component"),
}
"""Levels, clocks and rules; others are shown as they are."""


def pick(pair: tuple[str, str], language: Language) -> str:
    """One language of a pair."""
    return pair[0] if language == "zh" else pair[1]


def word(code: str, language: Language) -> str:
    """A level, clock or rule in words."""
    return pick(WORDS.get(code, (code, code)), language)


def name(names: Names | None, language: Language) -> str:
    """One language of a name; a dash for none."""
    return "-" if names is None else getattr(names, language)
