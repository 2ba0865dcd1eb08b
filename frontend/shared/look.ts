/** Colour mode and type size: kept in a cookie, so that the server draws the next page right at once. */
const YEAR = 365 * 24 * 3600;

export function watchLook(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-look]");
    if (!button) return;
    const [name, value] = (button.dataset["look"] ?? "").split(":");
    if ((name !== "theme" && name !== "type") || value === undefined) return;
    document.cookie = `yicha_${name}=${value};path=/;max-age=${YEAR};samesite=lax`;
    document.documentElement.dataset[name] = value;
    for (const other of document.querySelectorAll<HTMLButtonElement>(`button[data-look^="${name}:"]`)) {
      other.setAttribute("aria-pressed", String(other.dataset["look"] === `${name}:${value}`));
    }
  });
}
