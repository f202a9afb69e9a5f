// Asks analytics; every answer comes from the service that served this page.

const PATIENCE_MS = 8000;
const KEPT = "wangge-token";

export class Refused extends Error {}

export const token = () => sessionStorage.getItem(KEPT) ?? "";

export function keepToken(text) {
  if (text) sessionStorage.setItem(KEPT, text);
  else sessionStorage.removeItem(KEPT);
}

export function address(path, query) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const text = new URLSearchParams(kept).toString();
  return text ? `${path}?${text}` : path;
}

// The answer; raises Refused with what to do about it, or TypeError where nobody answers.
export async function ask(path, query = {}) {
  const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
  const answer = await fetch(address(path, query), { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  const body = await answer.json();
  if (answer.ok) return body;
  if (answer.status >= 500) throw new TypeError(body.detail);
  throw new Refused(body.detail);
}

// A file of the list, asked for as whoever looks at it.
export async function save(path, query, name) {
  const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
  const answer = await fetch(address(path, query), { headers });
  if (!answer.ok) throw new Refused((await answer.json()).detail);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
