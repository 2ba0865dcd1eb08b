/** Reading the published files, and every way in which they can be wrong. */

import { bytesOf, canonical, hexOf, merkleRoot, sha256, type Json } from "./hashes";

/** Something does not hold. `name` is stable, the same as in verify_draw.py. */
export class Wrong extends Error {
  constructor(
    readonly check: string,
    words: string,
  ) {
    super(words);
  }
}

export function wrong(check: string, words: string): never {
  throw new Wrong(check, words);
}

// A document from outside: every access is checked by what is compared with it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Document = any;

export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export function same(check: string, what: string, written: unknown, computed: unknown): void {
  const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 100);
  if (JSON.stringify(written) !== JSON.stringify(computed)) {
    wrong(check, `${what} is ${shown(written)} in the file, but must be ${shown(computed)}`);
  }
}

/** Equal as documents: the order of members does not matter. */
export const sameDocument = (check: string, what: string, written: Json, computed: Json): void =>
  same(check, what, written === undefined ? undefined : canonical(written), canonical(computed));

export const isHash = (text: unknown): boolean => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

export function get(files: Files, name: string): Uint8Array<ArrayBuffer> {
  return files.get(name) ?? wrong("file-missing", `${name} cannot be read`);
}

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, at) => byte === right[at]);

export function readJson(files: Files, name: string): Document {
  const data = get(files, name);
  let value: Json;
  let again: Uint8Array;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data)) as Json;
    again = bytesOf(canonical(value));
  } catch {
    wrong("json-form", `${name} is not canonical JSON (RFC 8785) in UTF-8`);
  }
  if (!sameBytes(again, data) || typeof value !== "object" || value === null || Array.isArray(value)) {
    wrong("json-form", `${name} is not byte for byte in canonical form (RFC 8785)`);
  }
  return value;
}

/** The rows of a file whose hash and Merkle root the manifest gives. */
export async function readTable(files: Files, name: string, columns: number, described: Document): Promise<string[][]> {
  const data = get(files, name);
  same("file-hash", `the SHA-256 of ${name}`, described.file_sha256, hexOf(await sha256(data)));
  if (data.length > 0 && data[data.length - 1] !== 10) wrong("file-form", `${name}: the last line has no line end`);
  // One character per byte: other characters than the allowed are found, and order is the order of bytes.
  const lines = new TextDecoder("latin1").decode(data).split("\n").slice(0, -1);
  const rows: string[][] = [];
  let before = "";
  for (const [number, line] of lines.entries()) {
    const cells = line.split("\t");
    if (cells.length !== columns || !cells.every((cell) => /^[0-9A-Za-z._:-]{1,64}$/.test(cell))) {
      wrong("file-form", `${name}, line ${number + 1}: not ${columns} fields of the allowed characters`);
    }
    if (number > 0 && line <= before) wrong("file-order", `${name}, line ${number + 1}: not in bytewise order, or there twice`);
    before = line;
    rows.push(cells);
  }
  same("merkle-root", `the Merkle root of ${name}`, described.merkle_root, await merkleRoot(lines.map(bytesOf)));
  return rows;
}

export function noTwins(what: string, keys: Iterable<string>): void {
  const seen = new Set<string>();
  for (const key of keys) {
    const folded = key.toLowerCase();
    if (seen.has(folded)) wrong("keys-unique", `${what}: ${folded} is there twice, or twice but for case`);
    seen.add(folded);
  }
}

export function hasFields(name: string, document: Document, required: string, optional = ""): void {
  const found = Object.keys(document);
  const wanted = required.split(" ");
  const known = new Set([...wanted, ...optional.split(" ")]);
  const odd = [...wanted.filter((field) => !found.includes(field)), ...found.filter((field) => !known.has(field))];
  if (odd.length > 0) wrong(`${name}-form`, `fields missing or too many: ${odd.join(", ")}`);
}

export function counted(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
