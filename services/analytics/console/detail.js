// One case with all that happened to it, in a drawer.

import { ask } from "./api.js";
import { $, chip, element } from "./dom.js";
import { spent } from "./spent.js";
import { instant, named, spoken, word } from "./words.js";

// In which state its flow is, or to which end it came: 隐患整改 · 复查.
function flow(one) {
  return one ? `${named(one)} · ${named(one.end ?? one.state)}` : "";
}

function plan(one) {
  return one ? `${named(one)} · ${one.day} · ${one.checklist.map(named).join("、")}` : "";
}

function facts(found) {
  const place = found.location?.coordinates.join(", ");
  const pairs = [
    ["matter", named(found.matter)], ["component", named(found.component)],
    ["unit", named(found.unit)], ["grid", found.grid],
    ["location", place], ["address", found.address], ["description", found.description],
    ["flow", flow(found.flow)], ["plan", plan(found.plan)],
    ["reason", found.explanation?.[spoken()]], ["receipt_no", found.receipt_no],
    ["follows", found.follows?.case_no], ["followers", found.followers.count],
    ["incident_id", found.incident_id],
  ];
  const shown = pairs.filter(([, value]) => value);
  return element("dl", { class: "facts" }, ...shown.flatMap(([name, value]) => [
    element("dt", {}, word(name).replace(/代码| code$/, "")), element("dd", {}, value),
  ]));
}

function clock(one) {
  const start = new Date(one.started_at), end = new Date(one.stopped_at ?? Date.now());
  const whole = new Date(one.due_at) - start;
  const share = Math.min(1, Math.max(0, (end - start) / Math.max(whole, 1)));
  const kind = { missed: "overdue", met: "closed", running: share >= 1 ? "overdue" : "accepted" }[one.state] ?? "voided";
  return element("div", { class: "clock", title: `${instant(one.started_at)} → ${instant(one.due_at)}` },
    element("span", {}, word(one.clock)),
    element("meter", { min: 0, max: 1, low: 0.8, high: 0.999, optimum: 0.1, value: share }),
    element("span", {}, chip(kind, word(one.state))));
}

function step(one) {
  const details = [
    one.turn && `${named(one.turn)} → ${named(one.state_after)}`,
    one.papers?.map((paper) => paper.code).join(", "), one.found?.map((finding) => finding.item).join(", "),
    one.action, one.rule, one.reason, one.unit, one.clock && `${one.clock} ${one.percent} %`,
    one.level && word(one.level), one.colour && word(one.colour), one.number && `${one.number}/${one.of}`, one.clocks?.map((text) => text.split(" ").map((part) => word(part)).join(" ")).join(" · "),
    one.roles?.join(", "),
  ].filter(Boolean);
  return element("li", { class: one.topic },
    element("time", { datetime: one.at }, instant(one.at)), one.title[spoken()],
    details.length ? element("small", {}, details.join(" · ")) : null);
}

function fill(drawer, found) {
  const late = found.overdue ? chip("overdue", word("late")) : null;
  const order = found.supervision === null ? null : chip(found.supervision, word(found.supervision));
  const seen = found.order === null ? null : found.order.acknowledged === null
    ? chip("overdue", word("unacknowledged"))
    : element("small", { title: instant(found.order.acknowledged.at) }, word("acknowledged"));
  const close = element("button", { type: "button", "aria-label": word("close"), onclick: () => drawer.close() }, "×");
  const title = element("div", {}, element("h2", {}, found.case_no ?? found.incident_id), chip(found.state, word(found.state)), late, order, seen);
  drawer.replaceChildren(
    element("header", {}, title, close), facts(found),
    ...(found.clocks.length ? [element("h3", {}, word("clocks")), element("div", { class: "clocks" }, ...found.clocks.map(clock))] : []),
    ...spent(found.time),
    element("h3", {}, word("steps")), element("ol", { class: "steps" }, ...found.timeline.map(step)),
  );
}

let shown = null;

export async function open(incident) {
  const drawer = $("detail");
  fill(drawer, await ask(`v1/cases/${encodeURIComponent(incident)}`));
  shown = incident;
  if (!drawer.open) drawer.showModal();
}

// The case that is looked at, again as it now is.
export async function refresh() {
  if ($("detail").open && shown !== null) await open(shown);
}
