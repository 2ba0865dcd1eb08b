/** A visit is dragged to another half day. The server says before the drop whether it may stand there, and why not. */

type Answer = { free: boolean; word: string; reasons: { sentence: string; source: string }[] };
type Held = { card: HTMLElement; from: HTMLElement; asked: Map<HTMLElement, Promise<Answer>> };

const TRIED = 120;
let held: Held | null = null;
let waiting = 0;

const slotOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>("[data-slot-part]") : null;

function ask(card: HTMLElement, slot: HTMLElement, name: "try" | "move"): Promise<Answer> {
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
  const body = new URLSearchParams({ day: slot.dataset["slotDay"] ?? "", part: slot.dataset["slotPart"] ?? "" });
  const address = card.dataset[name] ?? "";
  return fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token } }).then((answer) => {
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (!isJson) throw new Error(`${address}: ${answer.status}`);
    return answer.json() as Promise<Answer>;
  });
}

/** What the server said, at the half day that it is about. */
function tell(slot: HTMLElement, answer: Answer | null): void {
  const place = slot.querySelector<HTMLElement>("[data-slot-answer]");
  slot.classList.remove("is-asked", "is-free", "is-refused");
  if (!place) return;
  place.replaceChildren();
  if (!answer) return;
  slot.classList.add(answer.free ? "is-free" : "is-refused");
  const word = document.createElement("span");
  word.className = "is-word";
  word.textContent = answer.word;
  place.append(word);
  if (answer.reasons.length === 0) return;
  const list = document.createElement("ul");
  for (const reason of answer.reasons) {
    const line = document.createElement("li");
    line.textContent = reason.sentence;
    if (reason.source) line.title = reason.source;
    list.append(line);
  }
  place.append(list);
}

const failed = (): Answer => ({
  free: false, word: document.querySelector<HTMLElement>("[data-calendar]")?.dataset["unreachable"] ?? "", reasons: [],
});

function clear(but: HTMLElement | null = null): void {
  for (const slot of document.querySelectorAll<HTMLElement>("[data-slot-part]")) if (slot !== but) tell(slot, null);
}

function tried(slot: HTMLElement): Promise<Answer> {
  if (!held) return Promise.resolve(failed());
  let answer = held.asked.get(slot);
  if (!answer) {
    answer = ask(held.card, slot, "try").catch(failed);
    held.asked.set(slot, answer);
  }
  return answer;
}

/** Asked a moment after the visit is held over a half day, so that passing over it asks nothing. */
function hover(slot: HTMLElement): void {
  const mine = held;
  clear();
  slot.classList.add("is-asked");
  clearTimeout(waiting);
  waiting = window.setTimeout(() => {
    void tried(slot).then((answer) => {
      if (held === mine && slot.matches(".is-asked")) tell(slot, answer);
    });
  }, TRIED);
}

function count(half: HTMLElement, by: number): void {
  const day = half.closest(".cal-day");
  for (const place of [half.querySelector("[data-half-count]"), day?.querySelector("[data-day-count]")]) {
    if (place) place.textContent = String(Math.max(0, Number((place.textContent ?? "0").replace(/\D/g, "")) + by));
  }
}

async function drop(slot: HTMLElement): Promise<void> {
  if (!held) return;
  const { card, from } = held;
  clearTimeout(waiting);
  let answer = await tried(slot);
  if (answer.free) {
    card.setAttribute("aria-busy", "true");
    answer = await ask(card, slot, "move").catch(failed);
    card.removeAttribute("aria-busy");
  }
  clear(slot);
  tell(slot, answer);
  if (!answer.free) return;
  slot.querySelector("ul:not([data-slot-answer] ul)")?.append(card);
  count(from, -1);
  count(slot, 1);
  card.querySelector("a")?.focus();
}

export function watchCalendar(): void {
  if (!document.querySelector("[data-calendar]")) return;
  document.addEventListener("dragstart", (event) => {
    const card = (event.target as Element).closest<HTMLElement>("[data-visit]");
    const from = card?.closest<HTMLElement>(".cal-half");
    if (!card || !from) return;
    held = { card, from, asked: new Map() };
    card.classList.add("is-held");
    event.dataTransfer?.setData("text/plain", card.dataset["visit"] ?? "");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  for (const name of ["dragenter", "dragover"] as const) {
    document.addEventListener(name, (event) => {
      const slot = slotOf(event.target);
      if (!held || !slot || slot === held.from) return;
      event.preventDefault();
      if (!slot.matches(".is-asked, .is-free, .is-refused")) hover(slot);
    });
  }
  document.addEventListener("drop", (event) => {
    const slot = slotOf(event.target);
    if (!held || !slot || slot === held.from) return;
    event.preventDefault();
    void drop(slot);
  });
  document.addEventListener("dragend", () => {
    const mine = held;
    mine?.card.classList.remove("is-held");
    // What was said of a drop stays; what was said of passing over goes.
    window.setTimeout(() => {
      if (held === mine) held = null;
    }, 0);
    for (const slot of document.querySelectorAll<HTMLElement>(".is-asked")) slot.classList.remove("is-asked");
  });
}
