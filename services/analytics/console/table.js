// The latest cases, one row each.

import { $, chip, element } from "./dom.js";
import { instant, named, spoken, word } from "./words.js";

const HEADS = ["at", "case_no", "matter_name", "grid", "unit_name", "source", "state", "due"];
let known = null;

export function heads() {
  const words = HEADS.map((name) => word(name === "matter_name" ? "matter" : name === "unit_name" ? "unit" : name));
  $("heads").replaceChildren(...words.map((text) => element("th", { scope: "col" }, text.replace(/代码| code$/, ""))));
}

function due(item) {
  if (item.due_at === null) return "";
  return element("span", {}, instant(item.due_at), " ", item.overdue ? chip("overdue", word("late")) : null);
}

function states(item) {
  // What is wrong; what can be done about it, behind the first semicolon, is for the tip.
  const said = item.explanation?.[spoken()] ?? item.reason;
  const reason = said === null ? null : element("small", { title: said }, ` ${said.split(/[；;]/)[0]}`);
  const order = item.supervision === null ? null : chip(item.supervision, word(item.supervision));
  return element("span", {}, chip(item.state, word(item.state)), order, reason);
}

function row(item, open) {
  const cells = [
    element("td", {}, instant(item.counts_from)),
    element("td", { class: "code" }, item.case_no ?? "–"),
    element("td", { title: item.matter?.code ?? "" }, named(item.matter) || "–"),
    element("td", { class: "code" }, item.grid ?? "–"),
    element("td", { title: item.unit?.code ?? "" }, named(item.unit) || "–"),
    element("td", { class: "code" }, item.source === null ? "–" : word(item.source)),
    element("td", {}, states(item)),
    element("td", { class: "code" }, due(item)),
  ];
  const fresh = known !== null && !known.has(item.incident_id);
  const made = element("tr", { tabindex: 0, class: fresh ? "new" : "", onclick: () => open(item.incident_id) }, ...cells);
  made.addEventListener("keydown", (event) => event.key === "Enter" && open(item.incident_id));
  return made;
}

// Forget which rows were there: another question was asked.
export function forget() {
  known = null;
}

export function show(items, open) {
  $("rows").replaceChildren(...items.map((item) => row(item, open)));
  $("nothing").hidden = items.length > 0;
  known = new Set(items.map((item) => item.incident_id));
}
