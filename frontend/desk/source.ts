/** A textarea that holds a document: numbers of lines beside it, and buttons that lead to a line. */
export function watchSources(): void {
  for (const area of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-source]")) number(area);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-source-line]")) {
    button.hidden = false;
    button.addEventListener("click", () => goTo(Number(button.dataset.sourceLine)));
  }
}

function number(area: HTMLTextAreaElement): void {
  const gutter = document.createElement("div");
  gutter.className = "source-gutter";
  gutter.setAttribute("aria-hidden", "true");
  gutter.style.height = "0"; // it follows the textarea, never the other way round
  area.before(gutter);
  area.parentElement?.classList.add("has-numbers");
  let shown = 0;
  const draw = () => {
    const count = area.value.split("\n").length;
    if (count !== shown) gutter.textContent = Array.from({ length: count }, (_, at) => `${at + 1}`).join("\n");
    shown = count;
    gutter.scrollTop = area.scrollTop;
    gutter.style.height = `${area.clientHeight}px`;
  };
  area.addEventListener("input", draw);
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  new ResizeObserver(draw).observe(area);
  draw();
}

/** Marks a line of the document and brings it into sight. */
function goTo(line: number): void {
  const area = document.querySelector<HTMLTextAreaElement>("textarea[data-source]");
  if (!area) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const height = Number.parseFloat(getComputedStyle(area).lineHeight);
  area.scrollTop = Math.max(0, (line - 6) * height);
  area.scrollIntoView({ block: "nearest" });
}
