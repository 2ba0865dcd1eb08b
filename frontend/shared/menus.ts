/** Menus are <details>: they close on Escape, on a click outside and when another opens. */
export function watchMenus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
    closeSide();
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const toggle = target.closest<HTMLButtonElement>("[data-side-toggle]");
    if (toggle) {
      const isOpen = document.documentElement.classList.toggle("side-open");
      toggle.setAttribute("aria-expanded", String(isOpen));
      if (isOpen) document.querySelector<HTMLAnchorElement>("#side a")?.focus();
    } else if (target.closest("[data-side-close]")) {
      closeSide();
    }
  });
}

function closeSide(): void {
  if (!document.documentElement.classList.contains("side-open")) return;
  document.documentElement.classList.remove("side-open");
  const toggle = document.querySelector<HTMLButtonElement>("[data-side-toggle]");
  toggle?.setAttribute("aria-expanded", "false");
  toggle?.focus();
}
