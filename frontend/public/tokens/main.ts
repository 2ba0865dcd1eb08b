/** The page that answers "is this code genuine?": here, from the published keys; off line too, once it was opened. */

import "./tokens.css";

import { check, digestOf, momentOf, tokenIn, type Key, type Payload } from "./jws";

interface Answer {
  word: string;
  tone: string;
  icon: string;
  sentence: string;
}

interface Row {
  label: string;
  key: string;
  /** `day`: the claim is an instant that is written as a day. `results`: a line for each result of a certificate. */
  kind?: "day" | "last-day" | "results";
}

interface Words {
  purpose: string;
  answers: Record<string, Answer>;
  rows: Row[];
  offline: string;
  kept: string;
  between: string;
  /** Result codes in words, and how a line of a certificate is written. */
  codes: Record<string, string>;
  line: string;
}

interface Certified {
  name: string;
  code: string;
  on: string;
  until: string;
}

interface State {
  state: string;
  sentence: string;
  rows: [string, string][];
}

const PATIENCE = 8000;
const day = (seconds: number): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short" }).format(seconds * 1000);

class Page {
  readonly words = JSON.parse(document.getElementById("token-words")!.textContent!) as Words;

  constructor(readonly panel: HTMLElement) {}

  part(name: string): HTMLElement {
    return this.panel.querySelector<HTMLElement>(`[data-${name}]`)!;
  }

  say(found: string, extra = ""): void {
    const answer = this.words.answers[found] ?? this.words.answers["malformed"]!;
    const box = this.part("answer");
    box.hidden = false;
    box.dataset["found"] = found;
    this.part("verdict").className = `verdict tone-${answer.tone}`;
    this.part("word").textContent = answer.word;
    const icons = this.panel.dataset["icons"];
    this.part("icon").querySelector("use")!.setAttribute("href", `${icons}#${answer.icon}`);
    this.part("sentence").textContent = extra || answer.sentence;
    this.part("note").textContent = "";
  }

  /** The facts of one row: label and value. */
  factsOf(payload: Payload, row: Row): [string, string][] {
    if (row.kind !== "results") return [[row.label, this.valueOf(payload, row)]];
    const results = Array.isArray(payload[row.key]) ? (payload[row.key] as Certified[]) : [];
    return results.map((one) => {
      const places: Record<string, string> = { result: this.words.codes[one.code] ?? one.code, on: one.on, until: one.until };
      return [String(one.name), this.words.line.replace(/%\((\w+)\)s/g, (_, name: string) => places[name] ?? "")];
    });
  }

  valueOf(payload: Payload, row: Row): string {
    const value = payload[row.key];
    if (row.kind) {
      const moment = momentOf(value);
      // An end given as an instant is the first moment that no longer counts.
      const last = row.kind === "last-day" && typeof value === "number" ? 1 : 0;
      return moment === null ? "" : day(moment - last);
    }
    return Array.isArray(value) ? value.join(this.words.between) : String(value ?? "");
  }

  tell(rows: [string, string][]): void {
    const list = this.part("facts");
    list.replaceChildren();
    for (const [label, value] of rows.filter((row) => row[1] !== "")) {
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = label;
      text.textContent = value;
      list.append(term, text);
    }
  }

  evidence(text: string): void {
    this.part("evidence").hidden = text === "";
    this.part("payload").textContent = text;
  }

  async keys(): Promise<{ keys: Key[]; asOf: string }> {
    const answer = await fetch(this.panel.dataset["jwks"]!, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = (await answer.json()) as { keys: Key[] };
    return { keys: found.keys, asOf: answer.headers.get("date") ?? "" };
  }

  /** What the server says of it now; null when it cannot be reached. */
  async state(token: string): Promise<State | null> {
    if (!navigator.onLine) return null;
    const url = this.panel.dataset["state"]! + `${await digestOf(token)}/`;
    try {
      const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return answer.ok ? ((await answer.json()) as State) : null;
    } catch {
      return null;
    }
  }

  async answer(text: string): Promise<void> {
    this.tell([]);
    this.evidence("");
    const token = tokenIn(text);
    if (!token) return this.say("malformed");
    let published: { keys: Key[]; asOf: string };
    try {
      published = await this.keys();
    } catch {
      return this.say("no-keys");
    }
    const finding = globalThis.crypto?.subtle
      ? await check(token, published.keys, this.words.purpose, Date.now() / 1000)
      : { found: "unsupported" as const };
    this.say(finding.found);
    if (!("payload" in finding)) return;
    const { payload } = finding;
    this.tell(this.words.rows.flatMap((row) => this.factsOf(payload, row)));
    this.evidence(JSON.stringify(payload, null, 2));
    const state = await this.state(token);
    if (state === null) {
      const asOf = published.asOf ? day(Date.parse(published.asOf) / 1000) : "";
      this.part("note").textContent = this.words.offline.replace("%(day)s", asOf);
      return;
    }
    // A code whose days are over is over; one that nobody here knows is worth a word only if it were good.
    const matters = state.state === "unknown" ? finding.found === "genuine" : finding.found !== "expired";
    if (state.state !== "valid" && matters) this.say(state.state, state.sentence);
    if (state.rows.length > 0) this.tell(state.rows);
  }
}

/** When everything that the page names has come: what is still under way would not be kept. */
function whole(): Promise<void> {
  if (document.readyState === "complete") return Promise.resolve();
  return new Promise((done) => window.addEventListener("load", () => done(), { once: true }));
}

/** Keeps exactly this page, what it needs and the keys, so that it answers where there is no network. */
async function keep(page: Page): Promise<void> {
  const worker = page.panel.dataset["worker"];
  if (!worker || !navigator.onLine || !("serviceWorker" in navigator)) return;
  await whole();
  const linked = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet], link[rel=icon]")].map((one) => one.href);
  const loaded = performance.getEntriesByType("resource").map((one) => one.name);
  const own = new URL("./", new URL(page.panel.dataset["icons"]!, location.href)).href;
  const assets = [...linked, ...loaded.filter((name) => name.startsWith(own)), new URL(page.panel.dataset["icons"]!, location.href).href];
  const urls = [location.origin + location.pathname, new URL(page.panel.dataset["jwks"]!, location.href).href, ...assets];
  await navigator.serviceWorker.register(worker);
  const registration = await navigator.serviceWorker.ready;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const note = page.part("kept");
    note.textContent = page.words.kept;
    note.hidden = false;
  };
  registration.active?.postMessage({ keep: urls }, [channel.port2]);
}

for (const panel of document.querySelectorAll<HTMLElement>("[data-tokens]")) {
  const page = new Page(panel);
  const form = panel.querySelector<HTMLFormElement>("form[data-paste]")!;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void page.answer(new FormData(form).get("token")?.toString() ?? "");
  });
  const fromAddress = (): void => {
    const token = decodeURIComponent(location.hash.slice(1));
    if (token && token !== "main") void page.answer(token);
  };
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
  void keep(page).catch(() => undefined);
}
