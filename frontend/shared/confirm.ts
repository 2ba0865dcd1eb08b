/** A button with data-confirm asks first, in the page's own dialog (cotton component "confirm"). */
export function watchConfirming(): void {
  document.addEventListener("click", (event) => {
    const opener = (event.target as Element).closest<HTMLElement>("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset["dialog"] ?? "");
      if (dialog instanceof HTMLDialogElement) dialog.showModal();
      return;
    }
    const closer = (event.target as Element).closest("[data-dialog-close]");
    closer?.closest("dialog")?.close();
  });
}
