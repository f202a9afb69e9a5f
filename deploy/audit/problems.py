"""What an audit can find, and the list of what it found."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from shared.contracts.base import Names

Kind = Literal[
    "two_contents",
    "number_twice",
    "gap",
    "out_of_order",
    "wrong_place",
    "reported_twice",
    "no_report",
    "no_outcome",
    "not_handled",
    "two_outcomes",
    "first_missing",
    "first_void",
    "life_broken",
    "task_lost",
    "handler_verified",
    "action_unanswered",
    "mark_twice",
    "reminded_wrongly",
    "conveyed_wrongly",
    "mark_unanswered",
    "mark_withdrawn_unanswered",
    "document_missing",
    "document_behind",
    "not_taken",
    "cause_missing",
    "event_lost",
    "state_differs",
    "columns_differ",
    "outbox_stuck",
    "parked",
    "dead_letter",
    "change_not_whole",
    "rollup_differs",
    "order_as_incident",
    "order_broken",
    "time_broken",
    "not_audited",
]

TITLES: dict[Kind, Names] = {
    "two_contents": Names(zh="同一编号两种内容", en="one id with two contents"),
    "number_twice": Names(zh="同一序号两个事件", en="one number with two ids"),
    "gap": Names(zh="序号缺失", en="a gap in the numbers"),
    "out_of_order": Names(zh="序号次序颠倒", en="a later event before an earlier one"),
    "wrong_place": Names(zh="键或分区不符", en="another key or partition than its subject's"),
    "reported_twice": Names(zh="重复上报事件", en="one incident reported by two events"),
    "no_report": Names(zh="有结果而无上报", en="an outcome without a report"),
    "no_outcome": Names(zh="已受理而无结果", en="accepted, without an outcome"),
    "not_handled": Names(zh="已受理而久未处理", en="accepted long ago, and not looked at yet"),
    "two_outcomes": Names(zh="多于一个结果", en="more than one outcome"),
    "first_missing": Names(zh="所并入的案卷不存在", en="linked to a case that is not there"),
    "first_void": Names(zh="所并入的案卷早已作废", en="linked to a case that is long void"),
    "life_broken": Names(zh="案卷状态变化不合规则", en="an event that may not be in that state"),
    "task_lost": Names(zh="配合任务丢失", en="a task of a case that got lost"),
    "handler_verified": Names(zh="处置者自行核查", en="verified by whoever took part in handling"),
    "action_unanswered": Names(zh="操作未获答复", en="an action that got no answer"),
    "mark_twice": Names(zh="计时点重复应答", en="a mark answered twice"),
    "reminded_wrongly": Names(zh="不该有的催签", en="a reminder that should not have been"),
    "conveyed_wrongly": Names(zh="不该有的转达", en="told to a unit that had it, or of nothing"),
    "mark_unanswered": Names(zh="计时点到期未应答", en="a mark due and not answered"),
    "mark_withdrawn_unanswered": Names(zh="撤销了未应答的计时点", en="withdrawn, never answered"),
    "document_missing": Names(zh="缺少文档", en="no document"),
    "document_behind": Names(zh="文档落后于自己发布的事件", en="document lacks what it published"),
    "not_taken": Names(zh="事件已提交而未处理", en="committed, but not taken by the document"),
    "cause_missing": Names(zh="事件的起因未曾处理", en="follows from what was never taken"),
    "event_lost": Names(zh="事件既不在日志也不在发件箱", en="neither on the log nor in the outbox"),
    "state_differs": Names(zh="文档与日志推演不一致", en="document is not the fold of the log"),
    "columns_differ": Names(zh="索引字段与状态不一致", en="indexed fields are not the state's"),
    "outbox_stuck": Names(zh="发件箱滞留", en="not published for long"),
    "parked": Names(zh="计时被搁置", en="its timer failed and is parked"),
    "dead_letter": Names(zh="已受理事件的死信", en="dead letter of an accepted incident"),
    "change_not_whole": Names(zh="基础数据变更不完整", en="a registry change is not whole"),
    "rollup_differs": Names(zh="统计与日志推算不一致", en="figure is not the sum of the log"),
    "order_as_incident": Names(zh="指令被当作上报处理", en="an order taken for an incident"),
    "order_broken": Names(zh="指令事件不合规则", en="an order's event that may not be"),
    "time_broken": Names(zh="案卷时间账目不平", en="its time does not add up"),
    "not_audited": Names(zh="未能审计", en="could not be audited"),
}
"""What each kind means, for people."""

LISTED = 1000
"""So many problems are listed one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its kind, the document, record or bucket, and the particulars."""

    kind: Kind
    id: str
    detail: str


@dataclass(slots=True)
class Findings:
    """What an audit has found so far.

    ``in_flight`` counts, by reason, what was merely on its way; ``counts`` whatever else was seen.
    """

    problems: list[Problem] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, problems: Iterable[Problem]) -> None:
        """Note problems; the first ``LISTED`` with their particulars."""
        for problem in problems:
            self.kinds[problem.kind] += 1
            if len(self.problems) < LISTED:
                self.problems.append(problem)
