import TomSelect from "tom-select";

/** Long selects become searchable; short ones stay the browser's own. */
export function dressSelects(root: ParentNode): void {
  for (const select of root.querySelectorAll<HTMLSelectElement>("select[data-choose]")) {
    if (select.classList.contains("tomselected")) continue;
    const label = select.labels?.[0]?.textContent?.trim() ?? select.name;
    const chooser = new TomSelect(select, {
      plugins: select.multiple ? ["remove_button"] : [],
      maxOptions: 500,
      hideSelected: select.multiple,
      render: {
        no_results: () => `<div class="no-results">${select.dataset["none"] ?? "—"}</div>`,
      },
    });
    select.setAttribute("aria-label", label);
    chooser.control_input.setAttribute("aria-label", label);
  }
}
