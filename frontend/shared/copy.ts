/** Copying codes: a button with data-copy puts its value on the clipboard and says so. */
export function watchCopying(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-copy]");
    if (!button) return;
    const value = button.dataset["copy"] ?? "";
    if (!(await written(value))) return;
    const said = button.getAttribute("aria-label") ?? "";
    button.classList.add("is-copied");
    button.setAttribute("aria-label", button.dataset["copied"] ?? said);
    window.setTimeout(() => {
      button.classList.remove("is-copied");
      button.setAttribute("aria-label", said);
    }, 1600);
  });
}

async function written(value: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch {
      // A page that is not served over HTTPS may not use the clipboard's own interface: the older way follows.
    }
  }
  const field = document.createElement("textarea");
  field.value = value;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
