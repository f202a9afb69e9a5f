// The operators' console: asks every two seconds, and shows what is new.

import { address, ask, keepToken, Refused, save, token } from "./api.js";
import { draw, legend } from "./chart.js";
import * as detail from "./detail.js";
import { $, element } from "./dom.js";
import * as table from "./table.js";
import { day, instant, spoken, switchLanguage, word } from "./words.js";

const POLL_MS = 2000;
const TREND_EVERY = 5;
const ROWS = 30;
const PERIODS = [1, 7, 30, 0];
const STATES = ["", "open", "overdue", "in_review", "rejected", "linked", "dispatched", "accepted", "handled", "closed"];
const TILES = [
  ["reported", "dispatched"], ["filed", "accepted", false, "inspections"], ["rejected", "rejected"], ["linked", "linked"], ["closed", "closed"],
  ["in_review", "in_review", true], ["open", "dispatched", true], ["overdue", "overdue", true],
];
const view = { period: 7, state: "", trend: [], round: 0, busy: false };

function scope() {
  const fields = new FormData($("filters"));
  const valid = [...$("filters").elements].filter((one) => one.name && one.validity.valid).map((one) => one.name);
  return Object.fromEntries(valid.map((name) => [name, fields.get(name).trim()]));
}

const since = () => (view.period ? { from: day(view.period - 1) } : {});

function listed() {
  const state = view.state === "overdue" ? { overdue: true } : { state: view.state };
  return { ...scope(), ...state };
}

function tiles(figures) {
  const shown = TILES.map(([name, kind, now, among]) => {
    const before = $("tiles").querySelector(`[data-name=${name}]`)?.textContent;
    const value = figures[name].toLocaleString("en");
    const said = now ? word("now") : figures[among] ? word(`among_${among}`, { count: figures[among].toLocaleString("en") }) : "";
    const moved = before !== undefined && before !== value;
    return element("dl", { class: `tile is-${kind}${name === "overdue" && figures.overdue ? " alarm" : ""}` },
      element("dt", {}, word(name), said ? element("small", {}, said) : null),
      element("dd", { "data-name": name, class: moved ? "moved" : "" }, value));
  });
  $("tiles").replaceChildren(...shown);
}

function freshness({ known, at, topics }) {
  const parts = Object.values(topics);
  const lag = parts.reduce((sum, one) => sum + one.lag, 0);
  const times = parts.map((one) => one.as_of).filter(Boolean).sort();
  const condition = !known ? "lost" : lag ? "behind" : "live";
  $("freshness").className = `freshness ${condition}`;
  $("freshness").lastElementChild.textContent = word(condition, { at: instant(times[0] ?? at, "time"), lag });
}

function trouble(error) {
  $("trouble").hidden = error === null;
  if (error === null) return;
  const refused = error instanceof Refused;
  $("trouble").textContent = refused ? word("refused", { detail: error.message }) : word("offline");
  if (!refused) freshness({ known: false, at: null, topics: {} });
}

async function attempt(work) {
  try {
    await work();
    trouble(null);
  } catch (error) {
    trouble(error);
  }
}

async function round() {
  const [figures, page] = await Promise.all([
    ask("v1/overview", { ...scope(), ...since() }),
    ask("v1/cases", { ...listed(), limit: ROWS }),
  ]);
  tiles(figures);
  freshness(figures.freshness);
  table.show(page.items, look);
  if (view.round++ % TREND_EVERY === 0) {
    view.trend = (await ask("v1/trend", { ...scope(), ...since() })).items;
    draw(view.trend);
  }
  await detail.refresh();
}

const look = (incident) => attempt(() => detail.open(incident));

async function poll() {
  if (view.busy || document.hidden) return;
  view.busy = true;
  await attempt(round);
  view.busy = false;
}

// Another question: everything is asked for anew, at once.
function anew() {
  view.round = 0;
  table.forget();
  buttons();
  poll();
}

function buttons() {
  const made = (text, on, choose) =>
    element("button", { type: "button", "aria-pressed": on, onclick: () => { choose(); anew(); } }, text);
  $("periods").replaceChildren(
    ...PERIODS.map((days) => made(word(days), view.period === days, () => { view.period = days; })));
  $("states").replaceChildren(
    ...STATES.map((state) => made(word(state || "all"), view.state === state, () => { view.state = state; })));
  for (const kind of ["csv", "geojson"]) $(kind).href = address(`v1/cases.${kind}`, listed());
  $("token").classList.toggle("on", token() !== "");
}

function speak() {
  document.documentElement.lang = spoken();
  document.title = `wangge ${word("title")}`;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  legend();
  table.heads();
}

$("language").addEventListener("click", () => { switchLanguage(); speak(); anew(); });
$("token").addEventListener("click", () => {
  const text = prompt(word("ask_token"), token());
  if (text !== null) { keepToken(text.trim()); anew(); }
});
for (const kind of ["csv", "geojson"]) {
  $(kind).addEventListener("click", (event) => {
    event.preventDefault();
    attempt(() => save(`v1/cases.${kind}`, listed(), `cases.${kind}`));
  });
}
$("filters").addEventListener("input", anew);
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("detail").addEventListener("click", (event) => event.target === $("detail") && $("detail").close());
document.addEventListener("visibilitychange", poll);
addEventListener("resize", () => draw(view.trend));

speak();
anew();
// A link may name a case: ?case=990101-20260302-0700000123
const wanted = new URLSearchParams(location.search).get("case");
if (wanted) look(wanted);
setInterval(poll, POLL_MS);
