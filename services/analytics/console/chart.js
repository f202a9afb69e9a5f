// The trend as bars: what came in and what was closed, day by day or month by month.

import { $, drawing, element } from "./dom.js";
import { word } from "./words.js";

export const SERIES = ["reported", "filed", "closed", "rejected"];
const DAYS = 92;
const LEFT = 40, BOTTOM = 22, TOP = 8;

function grouped(items) {
  if (items.length <= DAYS) return items.map((item) => ({ ...item, label: item.day.slice(5) }));
  const months = new Map();
  for (const item of items) {
    const label = item.day.slice(0, 7);
    const month = months.get(label) ?? { day: label, label, reported: 0, filed: 0, closed: 0, rejected: 0 };
    for (const name of SERIES) month[name] += item[name];
    months.set(label, month);
  }
  return [...months.values()];
}

// The lowest of 1, 2, 5, 10, 20, 50, ... steps that gives four rules at most.
function step(top) {
  const tens = 10 ** Math.floor(Math.log10(Math.max(top, 1) / 4 || 1));
  return Math.max(1, [1, 2, 5, 10].map((one) => one * tens).find((one) => top / one <= 4));
}

function tip(box, item, x, width) {
  const lines = SERIES.map((name) => element("div", {}, `${word(name)} ${item[name]}`));
  const shown = element("div", { class: "tip" }, element("strong", {}, item.day), ...lines);
  const right = x > width / 2;
  shown.style[right ? "right" : "left"] = `${right ? width - x + 8 : x + 8}px`;
  box.append(shown);
}

export function legend() {
  $("legend").replaceChildren(
    ...SERIES.map((name) => element("li", {}, element("i", { class: name }), word(name))),
  );
}

export function draw(items) {
  const box = $("chart");
  const width = box.clientWidth, height = box.clientHeight;
  const found = grouped(items);
  const top = Math.max(1, ...found.flatMap((item) => SERIES.map((name) => item[name])));
  const unit = step(top), roof = Math.ceil(top / unit) * unit;
  const y = (value) => TOP + (height - TOP - BOTTOM) * (1 - value / roof);
  const picture = drawing("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": word("trend") });
  for (let value = 0; value <= roof; value += unit) {
    picture.append(
      drawing("line", { class: "rule", x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
      drawing("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)),
    );
  }
  const room = (width - LEFT) / Math.max(found.length, 1);
  const bar = Math.max(1, Math.min(26, (room * 0.72) / SERIES.length));
  const every = Math.ceil(46 / room);
  found.forEach((item, index) => {
    const middle = LEFT + room * (index + 0.5);
    SERIES.forEach((name, number) => {
      const x = middle + (number - SERIES.length / 2) * bar;
      const tall = y(0) - y(item[name]);
      picture.append(drawing("rect", { class: name, x, y: y(item[name]), width: Math.max(1, bar - 1), height: tall, rx: Math.min(2, tall) }));
    });
    if ((found.length - 1 - index) % every === 0) {
      picture.append(drawing("text", { x: middle, y: height - 5, "text-anchor": "middle" }, item.label));
    }
    const hit = drawing("rect", { class: "hit", x: middle - room / 2, y: TOP, width: room, height: height - TOP - BOTTOM });
    hit.addEventListener("pointerenter", () => tip(box, item, middle, width));
    hit.addEventListener("pointerleave", () => box.querySelectorAll(".tip").forEach((one) => one.remove()));
    picture.append(hit);
  });
  box.replaceChildren(picture);
}
