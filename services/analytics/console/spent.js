// Whose the time of a case was: a bar of its spans, a legend by stage, and the units.

import { element } from "./dom.js";
import { instant, named, spoken, word } from "./words.js";

const DAY = 86_400_000, HOUR = 3_600_000, MINUTE = 60_000, SECOND = 1000;

// The largest two of days, hours, minutes and seconds.
function lasted(ms) {
  const parts = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"]];
  const first = Math.max(0, parts.findIndex(([size]) => ms >= size));
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(ms < SECOND ? 1 : 0)} ${word("in_s")}`;
  return parts.slice(first, first + 2).map(([size, name], at) =>
    `${Math.floor((at ? ms % parts[first][0] : ms) / size)} ${word(`in_${name}`)}`).join(" ");
}

const note = (one) => one.note?.[spoken()];
const whose = (one) => (one.unit ? (one.names?.[spoken()] ?? one.unit) : word("nobody"));
const kind = (one) => (["suspended", "returned"].includes(one.note?.code) ? one.note.code : one.stage);

function part(one) {
  const told = [word(one.stage), "unit" in one ? whose(one) : null, lasted(one.ms),
    `${instant(one.from)} → ${instant(one.until)}`, note(one), one.suspension?.reason];
  const made = element("span", { class: `of-${kind(one)}`, title: told.filter(Boolean).join("\n") });
  made.style.flexGrow = one.ms;
  return made;
}

function legend(time) {
  const found = new Map();
  for (const one of time.spans) found.set(kind(one), (found.get(kind(one)) ?? 0) + one.ms);
  return element("ul", { class: "legend" }, ...[...found].map(([name, ms]) =>
    element("li", {}, element("i", { class: `of-${name}` }), `${word(name)} ${lasted(ms)}`)));
}

function units(time) {
  const theirs = (time.units ?? []).filter((one) => one.unit);
  return theirs.length === 0 ? null : element("dl", { class: "facts" }, ...theirs.flatMap((one) => [
    element("dt", {}, named({ code: one.unit, names: one.names })), element("dd", {}, lasted(one.ms))]));
}

export function spent(time) {
  if (!time || time.spans.length === 0) return [];
  const whole = `${word("spent")} · ${lasted(time.ms)}${time.adds_up ? "" : ` · ${word("does_not_add_up")}`}`;
  return [element("h3", {}, whole), element("div", { class: "spent", role: "img", "aria-label": whole }, ...time.spans.map(part)),
    legend(time), units(time)].filter(Boolean);
}
