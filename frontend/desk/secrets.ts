/** An agency's secret in a draw: made here, kept in a file here; only the commitment is sent (yicha-draw/1). */

const HEX_BYTES = 32;

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA256("yicha-commit\n" draw_id "\n" agency "\n" reveal), lower-case hexadecimal. */
export async function commitmentOf(drawId: string, agency: string, reveal: string): Promise<string> {
  const text = new TextEncoder().encode(`yicha-commit\n${drawId}\n${agency}\n${reveal}`);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", text)));
}

function keep(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function makeSecret(button: HTMLElement): Promise<void> {
  const field = document.querySelector<HTMLInputElement>("[data-commitment]");
  const { draw, agency } = button.dataset;
  if (!field || !draw || !agency) return;
  const reveal = hex(crypto.getRandomValues(new Uint8Array(HEX_BYTES)));
  field.value = await commitmentOf(draw, agency, reveal);
  keep(`${draw}.${agency}.secret.txt`, `${reveal}\n`);
}

async function readSecret(input: HTMLInputElement): Promise<void> {
  const field = document.querySelector<HTMLInputElement>("[data-reveal]");
  const file = input.files?.[0];
  if (field && file) field.value = (await file.text()).trim();
}

export function watchSecrets(): void {
  document.querySelector<HTMLElement>("[data-make-secret]")?.addEventListener("click", (event) => {
    void makeSecret(event.currentTarget as HTMLElement);
  });
  document.querySelector<HTMLInputElement>("[data-secret-file]")?.addEventListener("change", (event) => {
    void readSecret(event.currentTarget as HTMLInputElement);
  });
}
