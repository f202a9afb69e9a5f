"""What each code of a problem, and of a mistake in an entry, means to people: Chinese, English.

The detail of a problem says what is wrong this time, in English; this says it in general, in both.
A code without words is a mistake of ours, which a test finds.
"""

from collections.abc import Mapping
from typing import Any

Words = Mapping[str, tuple[str, str]]

OF_REQUESTS: Words = {
    "bad_credentials": (
        "身份凭证无效；请重新获取令牌",
        "the credentials are not valid; get new ones",
    ),
    "bad_cursor": (
        "翻页标记无效；请从第一页重新查询",
        "the cursor is none; begin at the first page",
    ),
    "bad_json": ("请求内容不是有效的 JSON", "the body is not JSON"),
    "busy": (
        "服务繁忙，暂时不能受理；请稍后用同一请求重试",
        "it is busy; send the same again later",
    ),
    "calendar_in_use": (
        "工作日历仍被策略或时限使用，不能撤销",
        "the calendar is in use: what goes by it has to name another one first",
    ),
    "conflict": ("与现有数据冲突", "it conflicts with what is there"),
    "credentials_required": (
        "此操作须出示身份凭证（Authorization: Bearer 令牌）",
        "this needs credentials: send the header Authorization: Bearer <token>",
    ),
    "deadline_passed": (
        "办理期限已过；请填写将来的时间",
        "the deadline has passed: name one to come",
    ),
    "deadline_too_far": ("办理期限太远；请填写较近的时间", "the deadline is too far away"),
    "disconnected": ("连接中断，请求内容不完整", "the connection ended before the body"),
    "entry_full": (
        "该条目的版本过多，不能再变更",
        "the entry has too many versions to change again",
    ),
    "forbidden": ("无权进行此操作", "it is not allowed"),
    "grid_findings": (
        "网格数据有问题，未作任何变更；请修正，或确认照样导入",
        "the grids have findings, nothing was changed; correct them, or accept the findings",
    ),
    "idempotency_conflict": (
        "同一幂等键（Idempotency-Key）已用于内容不同的请求；请换新键",
        "this Idempotency-Key came with other content before; use a new one",
    ),
    "idempotency_key_invalid": ("幂等键格式不正确", "the Idempotency-Key is none; use a UUID"),
    "idempotency_key_missing": (
        "缺少请求头 Idempotency-Key；请为每个新请求生成一个新键",
        "the header Idempotency-Key is missing; send a new one with each new request",
    ),
    "if_match_required": (
        "修改已有条目须带请求头 If-Match（所见版本号）",
        "a change needs the header If-Match with the version that you have seen",
    ),
    "in_the_future": (
        "时间晚于当前时间；请校准发送方时钟",
        "the instant lies ahead; set the clock",
    ),
    "internal": ("服务内部错误，已记录；可稍后重试", "the server failed; trying again may help"),
    "invalid": (
        "请求内容不符合要求；请看所列字段",
        "the content is not valid; see the fields named",
    ),
    "invalid_entries": (
        "部分条目不能接收，未作任何变更",
        "some entries cannot be taken, nothing was changed",
    ),
    "invalid_redraw": (
        "网格调整不能执行，未作任何变更",
        "it cannot be redrawn so, nothing was changed",
    ),
    "key_mismatch": (
        "条目的类别或编码与地址不一致",
        "the entry is not the one that the address names",
    ),
    "method_not_allowed": ("该地址不支持此请求方法", "this address does not take this method"),
    "no_addressee": ("没有收令单位；请指明单位或区划", "nobody is addressed: name units or areas"),
    "not_addressed": ("该指令未下达给您的单位", "the order is not addressed to your unit"),
    "not_found": ("没有找到", "it is not there"),
    "not_of_the_inspection": (
        "检查发现须对应该次检查的检查项",
        "what was found is not of the checklist of the inspection",
    ),
    "not_ready": ("服务尚未就绪", "the service is not ready yet"),
    "not_your_area": ("超出您所辖区划的范围", "it does not lie within your area"),
    "not_your_order": ("该指令由您的上级下达，您不能撤回", "the order was issued above your area"),
    "notices_off": ("本服务未开启对外通知", "this service sends no notices"),
    "order_done": ("各单位均已办结，无须撤回", "every unit has done it: nothing is to withdraw"),
    "order_withdrawn": ("指令已撤回，无须办理", "the order has been withdrawn: nothing is to do"),
    "refused": ("请求未被接收", "the request was not taken"),
    "registry_stuck": (
        "基础数据的一次变更未能完成，暂不能再变更",
        "a change of the registry is not finished; send the same request again",
    ),
    "role_missing": ("您的角色无权进行此操作", "your roles do not allow it"),
    "role_not_allowed": ("您的角色无权进行此操作", "your roles do not allow it"),
    "scope_missing": (
        "令牌缺少所需的附加权限（scope）",
        "the token lacks the scope that this needs",
    ),
    "too_large": ("请求内容过大", "the body is too large"),
    "too_long_ago": ("时间过早；请核对", "the instant lies too far back"),
    "too_many_instants": (
        "涉及的生效时刻过多；请分次导入",
        "it begins and ends at too many instants; import it in parts",
    ),
    "too_many_units": (
        "收令单位过多；请分次下达",
        "too many units are addressed; issue several orders",
    ),
    "too_slow": ("请求内容传送过慢", "the body came too slowly"),
    "unauthorized": ("须出示身份凭证", "this needs credentials"),
    "unknown_kind": ("没有这一类基础数据", "the registry has no such kind"),
    "unknown_unit": ("没有此单位，或已停用", "there is no such unit in force"),
    "unsupported_media_type": ("不支持此内容类型", "this type of content is not taken"),
    "version_mismatch": (
        "条目已被他人修改；请刷新后再试",
        "somebody has changed the entry since you looked; look again",
    ),
    "not_your_inspection": (
        "只有承担该次检查的单位可以随检查上报发现；请作为普通事件上报",
        "only the unit that has the inspection brings its findings; report an incident of its own",
    ),
    "refused_findings": (
        "导入后的数据有问题，未作任何变更；请修正，或确认照样导入",
        "it would leave findings, nothing was changed; correct them, or accept the findings",
    ),
}
OF_ENTRIES: Words = {
    "addresses_unused": ("只有电子邮件使用收件地址", "only e-mail has addresses"),
    "another_community": (
        "拆分、合并须在同一社区（村）之内",
        "it has to stay within one community",
    ),
    "beyond": (
        "多出了原来不属于这些网格的地方",
        "it takes what did not belong to the grids before",
    ),
    "code_in_use": ("编码已被使用；请换未用的编码", "the code is in use; take a free one"),
    "colour_falls": ("提醒颜色只能逐级升高", "the colours of notices only rise"),
    "duplicate_condition": ("两个立案条件编码相同", "two filing conditions have one code"),
    "duplicate_day": ("同一天列了两次", "a day is named twice"),
    "duplicate_item": ("检查项编码重复", "two items of the checklist have one code"),
    "duplicate_key": ("同一条目列了两次；请只列一次", "an entry is named twice; name each once"),
    "duplicate_paper": ("同一去向要求的文书重复", "a turn asks for one paper twice"),
    "duplicate_rule": ("规则编码重复", "two rules have one code"),
    "duplicate_state": ("流程中两个环节编码相同", "two states of the flow have one code"),
    "duplicate_step": ("阶梯中有两级相同", "two steps of the ladder are the same"),
    "duplicate_turn": ("同一环节的两个去向编码相同", "two turns of a state have one code"),
    "end_passed": ("失效时间已过", "its end has passed"),
    "end_with_work": (
        "没有去向的环节即办结环节，不应有时限或牵头单位",
        "a state without turns is an end; it has neither a limit nor a lead",
    ),
    "endless_state": ("从该环节无法走到办结", "no way leads from that state to an end"),
    "ends_before_it_begins": ("最后一日早于第一日", "its last day lies before the first"),
    "entry_too_large": ("条目过大", "the entry is too large"),
    "gap": ("会留下不属于任何网格的空白", "something would lie in no grid"),
    "has_open_cases": (
        "尚有在办案卷；请指定接手者，网格请拆分或合并",
        "it has open cases; name who takes them over, or redraw the grid",
    ),
    "impossible_rule": ("规则的严重程度下限高于上限，永不适用", "the rule can never hold"),
    "insecure_url": ("网址须使用 https（本机除外）", "the url has to be https, or on this machine"),
    "invalid_polygon": ("网格边界不是有效的多边形", "the outline of the grid is not valid"),
    "invalid_successor": ("接手者无效；请另行指定", "that cannot take over; name another one"),
    "invalid_url": ("回调地址无效", "the address is none"),
    "invalid_validity": ("生效与失效时间不正确", "from when until when it holds is not valid"),
    "left_before_joined": ("网格员离岗日期早于到岗日期", "the officer left before joining"),
    "names_missing": ("新网格须有中英文名称", "a new grid needs names in zh and en"),
    "no_address": ("没有收件地址", "it has no address to send to"),
    "no_calendar": (
        "使用工作时的时限须有工作日历；该区划没有",
        "a limit in working time needs a work calendar, and its area has none",
    ),
    "no_clock": ("没有时限，可被无限期搁置；请设置时限", "nothing limits it; give it a limit"),
    "no_day": (
        "检查计划没有日期；请填写日期或间隔",
        "the plan has no day; give it dates, or every",
    ),
    "no_place": ("检查计划没有地点；请指明地点、网格或区划", "the plan names no place"),
    "no_secret": ("没有签名密钥", "it has no secret to sign with"),
    "no_successor_of_kind": ("该类条目不能由他者接手", "nothing of this kind can be taken over"),
    "no_url": ("没有回调地址", "it has no address"),
    "no_working_day": ("工作日历中没有工作日", "the calendar has no working day"),
    "not_connected": ("网格分成互不相连的几块", "the grid is in several pieces"),
    "not_in_force": ("该网格届时不在有效期内", "the grid is not in force then"),
    "overlap": ("网格会相互重叠", "grids would overlap"),
    "overlapping_periods": ("工作时段相互重叠", "periods of a working day overlap"),
    "repeat_too_short": ("重复提醒的间隔过短", "it is told again too soon"),
    "scheduled_change": (
        "已有尚未生效的版本；请先处理该版本",
        "a version is to begin later, which this one would cancel",
    ),
    "secret_in_url": ("地址中含有密钥；请写入密钥字段", "a secret stands in the address"),
    "start_is_end": (
        "流程从办结环节开始；无流程则不必填写",
        "the flow begins at an end; leave it out",
    ),
    "too_many_days": ("检查计划的日期过多；请分为两个计划", "too many days; make it two plans"),
    "too_many_steps": ("阶梯级数过多", "the ladder has too many steps"),
    "unknown_country": ("没有该国家（地区）的日历", "there is no calendar of that country"),
    "unknown_grid": ("没有此网格", "there is no such grid"),
    "unknown_role": ("没有这一角色", "there is no such role"),
    "unknown_state": ("起始环节或去向所指的环节不存在", "it names a state that the flow has not"),
    "unknown_zone": ("没有此时区；请用 IANA 时区名称", "there is no such zone; use an IANA name"),
    "unreachable_rule": (
        "前面的规则总会先适用，该规则永不适用",
        "a rule before it always holds first",
    ),
    "unreachable_state": ("从起始环节无法走到该环节", "no way leads to that state from the start"),
    "url_unused": ("电子邮件不使用网址和密钥", "e-mail has no url and no secret"),
    "ends_by_finding_only": (
        "只有检查发现能走出该环节；请增加不需发现的办理方式",
        "only findings lead on from it; add a turn that needs none",
    ),
    "work_with_end": (
        "办结环节不能再有办理方式",
        "an end has no turns",
    ),
    "used_up_state": (
        "限次的办理方式用完后，该环节无法办结；请留一种不限次数的办理方式",
        "it ends by turns only that may be used up; leave one without at_most",
    ),
    "renews_its_clock": (
        "单位可自行反复办理、无限延长时限；请设置最多次数（at_most）",
        "a unit could go round by itself for ever; say at_most",
    ),
    "no_target": (
        "计划所列的地点、网格、区划均不存在",
        "nothing that the plan names is in force",
    ),
    "no_inspection": (
        "该事项没有可以检查的流程",
        "the matter has no flow of an inspection",
    ),
    "unknown_matter": (
        "事项不存在；请从事项清单中选择",
        "there is no such matter; choose one of the list",
    ),
}
WORDS: Words = {**OF_REQUESTS, **OF_ENTRIES}


def explanation(code: str) -> dict[str, str] | None:
    """The words of a code, as refusals of actions have them; None of one without."""
    found = WORDS.get(code)
    return None if found is None else {"zh": found[0], "en": found[1]}


def explained(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members that have a ``code``, of a problem or of one of its errors, with its words."""
    words = explanation(str(members.get("code")))
    return dict(members) if words is None else {**members, "explanation": words}
