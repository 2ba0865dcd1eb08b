/** The button on a draw's page: fetches the published files, recomputes everything, and shows every check. */

import "./verify.css";

import type { Files } from "./reading";
import { verify, type Check } from "./verify";

interface Words {
  /** Per check, the sentence when it holds, with %(name)s places. */
  holds: Record<string, string>;
  /** Per check, the sentence when it does not. */
  fails: Record<string, string>;
  fetching: string;
  computing: string;
  unreachable: string;
  insecure: string;
  verdictHolds: string;
  verdictFails: string;
  other: string;
}

const filled = (sentence: string, facts: Record<string, string | number>): string =>
  sentence.replace(/%\((\w+)\)s/g, (_, name: string) => String(facts[name] ?? ""));

function icon(panel: HTMLElement, name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${panel.dataset["icons"]}#${name}`);
  svg.append(use);
  return svg;
}

function row(panel: HTMLElement, check: Check, words: Words): HTMLLIElement {
  const item = document.createElement("li");
  item.className = `draw-check ${check.holds ? "tone-done" : "tone-refuse"}`;
  item.dataset["check"] = check.name;
  const sentence = document.createElement("span");
  const known = check.holds ? words.holds[check.name] : (words.fails[check.name] ?? words.other);
  sentence.textContent = filled(known ?? check.name, check.facts);
  item.append(icon(panel, check.holds ? "circle-check" : "circle-x"), sentence);
  if (!check.holds) {
    const detail = document.createElement("code");
    detail.textContent = `${check.name}: ${check.words}`;
    item.append(detail);
  }
  return item;
}

async function fetchFiles(urls: Record<string, string>, told: (name: string) => void): Promise<Files> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, url] of Object.entries(urls)) {
    told(name);
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    files.set(name, new Uint8Array(await answer.arrayBuffer()));
  }
  return files;
}

async function run(panel: HTMLElement, words: Words): Promise<void> {
  const list = panel.querySelector<HTMLOListElement>("[data-checks]")!;
  const status = panel.querySelector<HTMLElement>("[data-status]")!;
  const tell = (text: string, state: string): void => {
    status.textContent = text;
    status.dataset["state"] = state;
  };
  list.replaceChildren();
  if (!globalThis.crypto?.subtle) return tell(words.insecure, "failed");
  let files: Files;
  try {
    const urls = JSON.parse(document.getElementById("verify-files")!.textContent!) as Record<string, string>;
    files = await fetchFiles(urls, (file) => tell(filled(words.fetching, { file }), "working"));
  } catch (problem) {
    return tell(filled(words.unreachable, { problem: String(problem) }), "failed");
  }
  const progress = (done: number, total: number): void => tell(filled(words.computing, { done, total }), "working");
  let holds = true;
  for await (const check of verify(files, panel.dataset["manifestHash"], progress)) {
    list.append(row(panel, check, words));
    holds &&= check.holds;
  }
  tell(holds ? words.verdictHolds : words.verdictFails, holds ? "holds" : "fails");
}

for (const panel of document.querySelectorAll<HTMLElement>("[data-verify]")) {
  const words = JSON.parse(document.getElementById("verify-words")!.textContent!) as Words;
  const button = panel.querySelector<HTMLButtonElement>("[data-verify-button]")!;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await run(panel, words);
    } finally {
      button.disabled = false;
    }
  });
}
