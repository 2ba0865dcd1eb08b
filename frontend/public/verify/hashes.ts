/** SHA-256 by WebCrypto, canonical JSON (RFC 8785 without floats) and Merkle roots (RFC 6962). */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const encoder = new TextEncoder();
/** How many hashes are asked for at once: enough to keep WebCrypto busy, few enough to show progress. */
const BATCH = 2000;

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

export const hexOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
};

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const hashText = async (text: string): Promise<string> => hexOf(await sha256(bytesOf(text)));

/** The hashes of many messages, in their order. */
export async function hashAll(
  messages: readonly Uint8Array<ArrayBuffer>[],
  progress: (done: number, total: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>[]> {
  const hashes: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < messages.length; from += BATCH) {
    hashes.push(...(await Promise.all(messages.slice(from, from + BATCH).map(sha256))));
    progress(hashes.length, messages.length);
  }
  return hashes;
}

/** RFC 6962: a leaf is hashed with 0x00 before it, a node with 0x01; the odd one of a level rises unchanged. */
export async function merkleRoot(lines: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  let level = await hashAll(lines.map((line) => joined(Uint8Array.of(0), line)));
  if (level.length === 0) return hexOf(await sha256(new Uint8Array()));
  while (level.length > 1) {
    const pairs: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at + 1 < level.length; at += 2) pairs.push(joined(Uint8Array.of(1), level[at]!, level[at + 1]!));
    const above = await hashAll(pairs);
    if (level.length % 2) above.push(level[level.length - 1]!);
    level = above;
  }
  return hexOf(level[0]!);
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Half a character of UTF-16: no bytes of UTF-8 stand for it. */
const isBroken = (text: string): boolean => /\p{Surrogate}/u.test(text);

/** RFC 8785. Strings compare by UTF-16 code units in this language, as the RFC wants its keys. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`);
    if (Object.keys(value).some(isBroken)) throw new RangeError("a lone surrogate");
    return `{${members.join(",")}}`;
  }
  if (typeof value === "string" && isBroken(value)) throw new RangeError("a lone surrogate");
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("a number that is no exact integer");
  return JSON.stringify(value);
}
