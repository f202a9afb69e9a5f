// Every word that the console shows, in both languages.

const WORDS = {
  zh: {
    title: "网格运行台", api: "接口", token: "令牌", language: "English",
    area: "区划或网格代码", matter: "事项代码", unit: "处置单位代码", trend: "趋势", latest: "最新案卷",
    nothing: "没有符合条件的案卷", all: "全部", now: "当前",
    1: "今日", 7: "近 7 天", 30: "近 30 天", 0: "全部时间",
    reported: "上报", filed: "立案", among_inspections: "其中计划巡查 {count}", rejected: "不予立案", linked: "重复上报", followers: "重复上报数", follows: "并入案卷", in_review: "待审核", open: "在办",
    closed: "结案", overdue: "超时未处置", dispatched: "已派遣", accepted: "已接收", handled: "待核查",
    voided: "作废", late: "超时",
    ordinary: "普通督办", yellow_card: "黄牌", red_card: "红牌", unacknowledged: "待签收", acknowledged: "已签收",
    blue: "蓝色", orange: "橙色", red: "红色",
    at: "上报时间", case_no: "案卷号", grid: "网格", source: "来源", state: "状态", due: "处置期限",
    resident: "居民", officer: "网格员", hotline: "热线", sensor: "传感器", system: "系统", import: "导入",
    live: "数据截至 {at}，无积压", behind: "数据截至 {at}，积压 {lag} 条", lost: "暂不知数据截至何时",
    offline: "分析服务暂时没有应答，正在重试。",
    refused: "请求被拒绝：{detail}",
    ask_token: "粘贴访问令牌（留空则以匿名身份查看）。令牌只保存在本标签页。",
    steps: "经过", clocks: "计时", close: "关闭", reason: "原因", location: "位置", supervision: "督办",
    filing: "立案", dispatch: "派遣", accept: "接收", handle: "处置", verify: "核查", total: "全程",
    running: "计时中", paused: "暂停", met: "按时", missed: "超时", cancelled: "取消",
    spent: "时间账目", nobody: "不计入单位", returned: "误派（退回）", suspended: "挂账", does_not_add_up: "账目不平",
    in_d: "天", in_h: "小时", in_min: "分", in_s: "秒",
    flow: "流程", plan: "检查计划", inspection: "检查发现",
    component: "部件", description: "描述", address: "地址", receipt_no: "受理号", incident_id: "编号",
  },
  en: {
    title: "Grid operations", api: "API", token: "Token", language: "中文",
    area: "Area or grid code", matter: "Matter code", unit: "Unit code", trend: "Trend", latest: "Latest cases",
    nothing: "No case fits", all: "All", now: "now",
    1: "Today", 7: "7 days", 30: "30 days", 0: "All time",
    reported: "Reported", filed: "Filed", among_inspections: "{count} inspections", rejected: "Rejected", linked: "Duplicates", followers: "Duplicates of it", follows: "Duplicate of", in_review: "In review", open: "Open",
    closed: "Closed", overdue: "Overdue", dispatched: "Dispatched", accepted: "Accepted", handled: "Handled",
    voided: "Voided", late: "overdue",
    ordinary: "Supervised", yellow_card: "Yellow card", red_card: "Red card", unacknowledged: "not acknowledged", acknowledged: "acknowledged",
    blue: "blue", orange: "orange", red: "red",
    at: "Reported", case_no: "Case", grid: "Grid", source: "Source", state: "State", due: "Handle by",
    resident: "resident", officer: "officer", hotline: "hotline", sensor: "sensor", system: "system", import: "import",
    live: "Counts everything up to {at}", behind: "Counts up to {at}, {lag} records wait", lost: "Not known up to when this counts",
    offline: "Analytics does not answer at the moment; trying again.",
    refused: "The request was refused: {detail}",
    ask_token: "Paste an access token (nothing: look as anybody). It is kept in this tab only.",
    steps: "What happened", clocks: "Clocks", close: "Close", reason: "Reason", location: "Location", supervision: "Supervision",
    filing: "filing", dispatch: "dispatch", accept: "acceptance", handle: "handling", verify: "verification", total: "total",
    running: "running", paused: "paused", met: "in time", missed: "missed", cancelled: "cancelled",
    spent: "Whose time it was", nobody: "no unit's", returned: "returned", suspended: "suspended", does_not_add_up: "does not add up",
    in_d: "d", in_h: "h", in_min: "min", in_s: "s",
    flow: "Flow", plan: "Plan", inspection: "inspection",
    component: "Component", description: "Description", address: "Address", receipt_no: "Receipt", incident_id: "Id",
  },
};

const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("wangge-language");
let language = asked in WORDS ? asked : navigator.language.startsWith("zh") ? "zh" : "en";

export const spoken = () => language;

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("wangge-language", language);
}

// A word; what has no translation (a source added later, say) stands as it is.
export function word(key, values = {}) {
  const text = WORDS[language][key] ?? String(key);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const named = (entry) => (entry === null ? "" : (entry.names?.[language] ?? entry.code));

const zone = document.querySelector("meta[name=wangge-zone]").content;
const shapes = {
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  moment: { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

// An instant in the city's own time.
export function instant(text, shape = "moment") {
  if (text === null || text === undefined) return "";
  const format = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hourCycle: "h23", ...shapes[shape] });
  return format.format(new Date(text)).replace(/\//g, "-");
}

// The city's local day so many days ago, as figures name it.
export function day(back) {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return format.format(new Date(Date.now() - back * 86_400_000));
}
