/** Signed tokens (compact JWS, Ed25519) checked against published keys. No page, no network: text in, finding out. */

export type Payload = Record<string, unknown>;

export interface Key {
  kty: string;
  crv: string;
  kid: string;
  x: string;
  /** What the key signs. */
  purpose: string;
  /** Of a retired key: when it is no longer believed (seconds). */
  exp?: number;
}

/** `unsupported`: this browser cannot check signatures, so nothing is known. */
export type Finding =
  | { found: "genuine" | "early" | "expired"; payload: Payload }
  | { found: "malformed" | "foreign" | "forged" | "other-kind" | "unsupported" };

const TOKEN = /[\w-]{8,}\.[\w-]{8,}\.[\w-]{40,}/;
const DAY = 24 * 3600;

/** The token in what was pasted or scanned: the token itself, or an address that carries it. */
export const tokenIn = (text: string): string => TOKEN.exec(text.replace(/\s+/g, ""))?.[0] ?? "";

function bytesOf(part: string): Uint8Array<ArrayBuffer> {
  const text = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function read(part: string): Payload | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(part)));
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Payload) : null;
  } catch {
    return null;
  }
}

async function isSignedBy(key: Key, head: string, body: string, signature: string): Promise<boolean> {
  const imported = await crypto.subtle.importKey("jwk", { kty: key.kty, crv: key.crv, x: key.x }, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, bytesOf(signature), new TextEncoder().encode(`${head}.${body}`));
}

/** Seconds since 1970 of a claim; a day such as 2026-07-01 begins in China, and with `ends` it lasts to its end. */
export function momentOf(claim: unknown, ends = false): number | null {
  if (typeof claim === "number") return claim;
  if (typeof claim !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(claim)) return null;
  return Date.parse(`${claim}T00:00:00+08:00`) / 1000 + (ends ? DAY : 0);
}

/** SHA-256 of a token, by which the server knows it without being shown it. */
export async function digestOf(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a token is. `now` in seconds. */
export async function check(token: string, keys: Key[], purpose: string, now: number): Promise<Finding> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = read(head);
  const payload = read(body);
  if (!header || !payload || header["alg"] !== "EdDSA") return { found: "malformed" };
  if (header["typ"] !== `yicha-${purpose}+jws`) return { found: "other-kind" };
  const key = keys.find((one) => one.kid === header["kid"]);
  if (!key || (key.exp !== undefined && now >= key.exp)) return { found: "foreign" };
  if (key.purpose !== purpose) return { found: "other-kind" };
  let signed = false;
  try {
    signed = await isSignedBy(key, head, body, signature);
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === "NotSupportedError") return { found: "unsupported" };
  }
  if (!signed) return { found: "forged" };
  const from = momentOf(payload["nbf"]);
  const until = momentOf(payload["exp"], true);
  if (from !== null && now < from) return { found: "early", payload };
  if (until !== null && now >= until) return { found: "expired", payload };
  return { found: "genuine", payload };
}
