/** Recomputes a draw from its published files alone, as verify_draw.py does. No page, no network: bytes in, checks out. */

import { canonical, hashText, hexOf, sha256 } from "./hashes";
import { checkHead, checkSeed, SPEC } from "./manifest";
import { checkObjects, checkPopulation, type Progress } from "./objects";
import { assign, type Task } from "./officers";
import { get, hasFields, isHash, noTwins, readJson, readTable, same, sameDocument, Wrong, wrong, type Document, type Files } from "./reading";

export interface Check {
  holds: boolean;
  /** Stable, the same as in verify_draw.py. */
  name: string;
  facts: Record<string, string | number>;
  /** Only where something does not hold: what, in English. */
  words: string;
}

async function checkSums(files: Files): Promise<Check["facts"]> {
  const lines = new TextDecoder().decode(get(files, "SHA256SUMS")).split("\n");
  const names: string[] = [];
  for (const line of lines.slice(0, -1)) {
    const row = /^([0-9a-f]{64}) {2}([0-9A-Za-z._-]+)$/.exec(line);
    if (!row) wrong("sums", `SHA256SUMS: ${line.slice(0, 80)}`);
    same("sums", `the SHA-256 of ${row[2]}`, row[1], hexOf(await sha256(get(files, row[2]!))));
    names.push(row[2]!);
  }
  if (lines.at(-1) !== "" || [...new Set(names)].sort().join() !== names.join()) {
    wrong("sums", "SHA256SUMS is not sorted by name, or does not end with a line end");
  }
  return { files: names.length };
}

function checkVoid(files: Files, manifest: Document, manifestHash: string): Check["facts"] {
  const document = readJson(files, "void.json");
  hasFields("void", document, "spec kind draw_id manifest_hash reason signatures voided_at");
  const head = [document.spec, document.kind, document.draw_id, document.manifest_hash];
  same("void", "the head of void.json", head, [SPEC, "void", manifest.draw_id, manifestHash]);
  const signatures: string[] = document.signatures;
  if (!document.reason || signatures.length === 0 || !signatures.every((agency) => manifest.agencies.includes(agency))) {
    wrong("void", "void.json has no reason, or is not signed by agencies of the draw");
  }
  return { reason: document.reason, signatures: signatures.join(", ") };
}

interface Officers {
  tasks: Task[];
  rows: string[][];
}

async function checkTasks(files: Files, manifest: Document): Promise<[Officers, Record<string, number>]> {
  const lines = await readTable(files, "tasks.tsv", 3, manifest.files.tasks);
  const rows = await readTable(files, "eligibility.tsv", 3, manifest.files.eligibility);
  if (!isHash(manifest.reasons_root) || !Number.isSafeInteger(manifest.load_cap)) wrong("manifest-form", "reasons_root or load_cap");
  if (!lines.every((row) => /^[1-9][0-9]{0,3}$/.test(row[2]!) && Number(row[2]) >= 2)) {
    wrong("need", "tasks.tsv: fewer than two officers for a visit");
  }
  noTwins("tasks.tsv, visits and agencies", lines.map((row) => `${row[0]} ${row[1]}`));
  noTwins("tasks.tsv, visits", new Set(lines.map((row) => row[0]!)));
  noTwins("eligibility.tsv, officers", new Set(rows.map((row) => row[2]!)));
  noTwins("eligibility.tsv, officers of a visit", rows.map((row) => `${row[0]} ${row[2]}`));
  const known = new Set(lines.map((row) => `${row[0]} ${row[1]}`));
  if (!rows.every((row) => known.has(`${row[0]} ${row[1]}`))) {
    wrong("eligibility", "eligibility.tsv names officers for tasks that tasks.tsv has not");
  }
  const tasks = lines.map((row) => ({ visit: row[0]!, agency: row[1]!, need: Number(row[2]) }));
  return [{ tasks, rows }, { tasks: tasks.length, possibilities: rows.length, cap: manifest.load_cap }];
}

async function checkOfficers(manifest: Document, result: Document, found: Officers): Promise<Record<string, number>> {
  hasFields("result", result, "spec draw_id manifest_hash beacon reveals seed assignment");
  const computed = await assign(result.seed, found.tasks, found.rows, manifest.load_cap);
  for (const [place, row] of computed.entries()) {
    sameDocument("assignment", `row ${place + 1} of the assignment`, result.assignment[place], { ...row });
  }
  same("assignment", "the number of officers drawn", result.assignment.length, computed.length);
  return { places: computed.length, officers: new Set(computed.map((row) => row.officer)).size };
}

type Step = [string, Check["facts"]];

async function* steps(files: Files, expectedHash: string, progress: Progress): AsyncGenerator<Step> {
  if (files.has("SHA256SUMS")) yield ["sums", await checkSums(files)];
  const manifest = readJson(files, "manifest.json");
  const manifestHash = await hashText(canonical(manifest));
  if (expectedHash) same("manifest-hash", "the manifest hash that was published", expectedHash, manifestHash);
  yield ["manifest-hash", { hash: manifestHash }];
  yield ["manifest", checkHead(manifest)];
  let population = new Map<string, string>();
  let officers: Officers = { tasks: [], rows: [] };
  let facts: Record<string, number> = {};
  if (manifest.kind === "objects") {
    [population, facts] = await checkPopulation(files, manifest);
    yield ["population", facts];
  } else if (manifest.kind === "officers") {
    [officers, facts] = await checkTasks(files, manifest);
    yield ["tasks", facts];
  } else wrong("manifest-form", `kind is ${JSON.stringify(manifest.kind)}`);
  if (files.has("void.json")) yield ["void", checkVoid(files, manifest, manifestHash)];
  if (!files.has("result.json")) {
    yield ["result", {}];
    return;
  }
  const result = readJson(files, "result.json");
  yield ["seed", await checkSeed(manifest, manifestHash, result)];
  if (manifest.kind === "objects") {
    yield ["selection", await checkObjects(files, manifest, manifestHash, result, population, progress)];
  } else {
    yield ["assignment", await checkOfficers(manifest, result, officers)];
  }
}

/** Each thing that was checked, as it is known; only the last can be one that does not hold. */
export async function* verify(files: Files, expectedHash = "", progress: Progress = () => {}): AsyncGenerator<Check> {
  try {
    for await (const [name, facts] of steps(files, expectedHash, progress)) yield { holds: true, name, facts, words: "" };
  } catch (problem) {
    if (problem instanceof Wrong) yield { holds: false, name: problem.check, facts: {}, words: problem.message };
    else yield { holds: false, name: "form", facts: {}, words: `a field is missing or of another kind: ${String(problem)}` };
  }
}
