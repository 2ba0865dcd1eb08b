/** Lists: filters apply as they change, the bulk bar counts what is ticked, views are kept under a name. */
export function watchLists(): void {
  document.addEventListener("change", (event) => {
    const target = event.target as HTMLElement;
    const form = target.closest<HTMLFormElement>("form[data-filters]");
    if (form && target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
    if (target.matches("input[data-pick], input[data-pick-all]")) pick(target as HTMLInputElement);
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const more = target.closest("[data-more-filters]");
    if (more) {
      const isOpen = more.closest("form")?.classList.toggle("is-open") ?? false;
      more.setAttribute("aria-expanded", String(isOpen));
    }
    if (target.closest("[data-view-save]")) saveView(target.closest<HTMLElement>("[data-views]"));
    const drop = target.closest<HTMLElement>("[data-view-drop]");
    if (drop) dropView(drop);
  });
  document.documentElement.classList.add("has-script");
  showViews();
}

function pick(box: HTMLInputElement): void {
  const list = box.closest<HTMLElement>("[data-list]") ?? document.body;
  const boxes = [...list.querySelectorAll<HTMLInputElement>("input[data-pick]")];
  if (box.matches("[data-pick-all]")) for (const one of boxes) one.checked = box.checked;
  const count = boxes.filter((one) => one.checked).length;
  for (const bar of list.querySelectorAll<HTMLElement>("[data-bulk]")) {
    bar.hidden = count === 0;
    const place = bar.querySelector("[data-bulk-count]");
    if (place) place.textContent = String(count);
  }
}

type View = { name: string; query: string };

function keyOf(holder: HTMLElement): string {
  return `yicha.views.${holder.dataset["views"] ?? ""}`;
}

function viewsOf(holder: HTMLElement): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(holder)) ?? "[]");
    return Array.isArray(kept) ? (kept as View[]) : [];
  } catch {
    return [];
  }
}

export function showViews(): void {
  for (const holder of document.querySelectorAll<HTMLElement>("[data-views]")) {
    const place = holder.querySelector("[data-views-list]");
    if (!place) continue;
    place.replaceChildren(
      ...viewsOf(holder).map((view) => {
        const row = document.createElement("li");
        const link = document.createElement("a");
        link.href = `?${view.query}`;
        link.textContent = view.name;
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "plain";
        drop.dataset["viewDrop"] = view.name;
        drop.setAttribute("aria-label", `${holder.dataset["dropWord"] ?? ""} ${view.name}`);
        drop.textContent = "×";
        row.append(link, drop);
        return row;
      }),
    );
  }
}

function saveView(holder: HTMLElement | null): void {
  const field = holder?.querySelector<HTMLInputElement>("input[data-view-name]");
  const name = field?.value.trim();
  if (!holder || !field || !name) {
    field?.focus();
    return;
  }
  const query = new URLSearchParams(location.search);
  query.delete("page");
  const kept = viewsOf(holder).filter((view) => view.name !== name);
  localStorage.setItem(keyOf(holder), JSON.stringify([...kept, { name, query: query.toString() }]));
  field.value = "";
  showViews();
}

function dropView(button: HTMLElement): void {
  const holder = button.closest<HTMLElement>("[data-views]");
  if (!holder) return;
  const kept = viewsOf(holder).filter((view) => view.name !== button.dataset["viewDrop"]);
  localStorage.setItem(keyOf(holder), JSON.stringify(kept));
  showViews();
}
