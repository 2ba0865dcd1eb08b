/** The manifest and the seed: what was fixed before, and what came of it. */

import { hashText } from "./hashes";
import { hasFields, isHash, same, wrong, type Document } from "./reading";

export const SPEC = "yicha-draw/1";

const BEACONS: Record<string, RegExp> = {
  drand: /^[0-9a-f]{64}$/,
  dice: /^[0-9]{20}$/,
  lottery: /^[0-9+,-]+$/,
  demonstration: /^.+$/,
};

/** Only the form; that the event took place, and after the deadline, is looked up where the manifest says. */
export function checkBeacon(spec: Document, text: unknown): asserts text is string {
  const form = Object.hasOwn(BEACONS, spec.kind) ? BEACONS[spec.kind] : undefined;
  if (form === undefined) wrong("beacon-form", `${spec.kind} is no kind of beacon`);
  if (typeof text !== "string" || !/^[!-~](?:[ -~]{0,198}[!-~])?$/.test(text) || text.includes("\n") || !form.test(text)) {
    wrong("beacon-form", `${JSON.stringify(text)} is no text of a ${spec.kind} beacon`);
  }
}

/** Numbers of an organiser have no gaps in a year, and every draw names the one before it. */
function checkNumber(manifest: Document): void {
  const form = /^(.+)-(\d{4})-(\d{4,})$/;
  const own = form.exec(manifest.draw_id);
  if (!own || own[1] !== manifest.organiser) wrong("draw-number", "draw_id is not organiser-year-number");
  const before = manifest.previous_draw;
  let number = 1;
  if (before !== null) {
    const last = form.exec(before.draw_id);
    const unnamed = before.manifest_hash !== null && !isHash(before.manifest_hash);
    if (!last || last[1] !== own[1] || last[2]! > own[2]! || unnamed) {
      wrong("draw-chain", "previous_draw is not an earlier draw of the same organiser");
    }
    number = last[2] === own[2] ? Number(last[3]) + 1 : 1;
  }
  same("draw-chain", "the number after the previous draw", Number(own[3]), number);
}

export function checkHead(manifest: Document): Record<string, string | number> {
  same("manifest-form", "spec", manifest.spec, SPEC);
  same("manifest-form", "algorithm", manifest.algorithm, "sha256");
  for (const field of ["draw_id", "title", "plan_id", "organiser"]) {
    if (typeof manifest[field] !== "string" || manifest[field] === "") wrong("manifest-form", `${field} is not a text`);
  }
  checkNumber(manifest);
  const agencies: string[] = manifest.agencies;
  const participants: { agency: string; commitment: string }[] = manifest.seed.participants;
  const names = participants.map((row) => row.agency);
  if (new Set(agencies).size !== agencies.length || !names.every((agency) => agencies.includes(agency))) {
    wrong("participants", "an agency is there twice, or takes part without being named");
  }
  if (new Set(names).size !== names.length) wrong("participants", "an agency has two commitments");
  if (!participants.every((row) => isHash(row.commitment))) wrong("participants", "a commitment is not 64 hexadecimal digits");
  const [frozen, deadline] = [instant(manifest.frozen_at), instant(manifest.seed.reveal_deadline)];
  if (frozen >= deadline) wrong("order-of-events", "the manifest was frozen after the deadline for reveals");
  return { draw: manifest.draw_id, participants: participants.length };
}

function instant(text: unknown): number {
  const found = typeof text === "string" && /[+-]\d\d:\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(found)) throw new TypeError(`${JSON.stringify(text)} is no instant`);
  return found;
}

export async function seedOf(manifestHash: string, beacon: string, reveals: readonly string[]): Promise<string> {
  return (await hashText(`${[SPEC, manifestHash, beacon, ...reveals].join("\n")}\n`)).slice(0, 32);
}

export async function checkSeed(manifest: Document, manifestHash: string, result: Document): Promise<Record<string, string | number>> {
  same("manifest-hash", "the manifest hash in result.json", result.manifest_hash, manifestHash);
  same("result-form", "spec in result.json", result.spec, SPEC);
  same("result-form", "draw_id in result.json", result.draw_id, manifest.draw_id);
  checkBeacon(manifest.seed.beacon, result.beacon);
  const participants: { agency: string; commitment: string }[] = manifest.seed.participants;
  const rows: { agency: string; reveal: string }[] = result.reveals;
  same("reveals", "the order of agencies in the reveals", rows.map((row) => row.agency), participants.map((row) => row.agency));
  let withheld = 0;
  for (const [place, row] of rows.entries()) {
    hasFields("reveals", row, "agency reveal");
    if (row.reveal === "withheld") {
      withheld += 1;
      continue;
    }
    if (!isHash(row.reveal)) wrong("reveals", `the reveal of ${row.agency} is not 64 hexadecimal digits`);
    const commitment = await hashText(`yicha-commit\n${manifest.draw_id}\n${row.agency}\n${row.reveal}`);
    same("commitment", `the commitment of ${row.agency}`, participants[place]!.commitment, commitment);
  }
  const seed = await seedOf(manifestHash, result.beacon, rows.map((row) => row.reveal));
  same("seed", "the seed", result.seed, seed);
  return { seed, revealed: rows.length - withheld, withheld };
}
