/** The draw of objects: population, quotas, selection, replacements, supplements. */

import { bytesOf, canonical, hashAll, hashText, hexOf, type Json } from "./hashes";
import { checkBeacon, seedOf, SPEC } from "./manifest";
import { ascending } from "./officers";
import { counted, hasFields, noTwins, readJson, readTable, same, sameDocument, wrong, type Document, type Files } from "./reading";

export type Progress = (done: number, total: number) => void;
type Ranking = Map<string, { key: string; ticket: string }[]>;

const SCALE = 10n ** 12n;

/** A share from 0 to 1 in units of 10^-12. */
function share(rate: string): bigint {
  if (!/^(?:0(?:\.[0-9]{1,12})?|1(?:\.0{1,12})?)$/.test(rate)) wrong("rate", `${rate} is no share from 0 to 1`);
  const [whole, decimals = ""] = rate.split(".");
  return BigInt(whole! + decimals.padEnd(12, "0"));
}

/** Largest remainder over the sum rounded half up, ties to the smaller id; then at least one each. */
export function quotas(strata: readonly { id: string; size: number; rate: string }[]): Map<string, number> {
  const rows = strata.map((row) => ({ id: row.id, exact: BigInt(row.size) * share(row.rate) }));
  const whole = new Map(rows.map((row) => [row.id, row.exact / SCALE]));
  const total = (rows.reduce((sum, row) => sum + row.exact, 0n) + SCALE / 2n) / SCALE;
  let seats = total - rows.reduce((sum, row) => sum + row.exact / SCALE, 0n);
  const byRemainder = [...rows].sort((left, right) => {
    const [less, more] = [left.exact % SCALE, right.exact % SCALE];
    return less === more ? ascending(left.id, right.id) : less > more ? -1 : 1;
  });
  for (const row of byRemainder) {
    if (seats <= 0n) break;
    whole.set(row.id, whole.get(row.id)! + 1n);
    seats -= 1n;
  }
  return new Map(rows.map((row) => [row.id, Number(whole.get(row.id) || (row.exact > 0n ? 1n : 0n))]));
}

export async function checkPopulation(files: Files, manifest: Document): Promise<[Map<string, string>, Record<string, number>]> {
  const rows = await readTable(files, "population.tsv", 2, manifest.population);
  const excluded = await readTable(files, "exclusions.tsv", 2, manifest.exclusions);
  noTwins("population.tsv and exclusions.tsv", [...rows, ...excluded].map((row) => row[0]!));
  same("population-count", "the size of the population", manifest.population.count, rows.length);
  const counts = Object.fromEntries(counted(excluded.map((row) => row[1]!)));
  sameDocument("exclusion-counts", "the counts of exclusions", manifest.exclusions.counts, counts);
  const strata: { id: string; size: number; rate: string; quota: number }[] = manifest.strata;
  noTwins("strata", strata.map((row) => row.id));
  const sizes = counted(rows.map((row) => row[1]!));
  const unknown = [...sizes.keys()].filter((name) => !strata.some((row) => row.id === name));
  if (unknown.length > 0) wrong("strata", `population.tsv has strata that the manifest has not: ${unknown.slice(0, 5).join(", ")}`);
  for (const row of strata) same("stratum-size", `the size of stratum ${row.id}`, row.size, sizes.get(row.id) ?? 0);
  const computed = quotas(strata);
  for (const row of strata) same("quota", `the quota of stratum ${row.id}`, row.quota, computed.get(row.id));
  const toDraw = strata.reduce((sum, row) => sum + row.quota, 0);
  const facts = { population: rows.length, strata: strata.length, excluded: excluded.length, toDraw };
  return [new Map(rows.map((row) => [row[0]!, row[1]!])), facts];
}

async function ranking(seed: string, prefix: string, population: ReadonlyMap<string, string>, progress?: Progress): Promise<Ranking> {
  const keys = [...population.keys()];
  const hashes = await hashAll(keys.map((key) => bytesOf(`${seed}|${prefix}${key}`)), progress);
  const ranked: Ranking = new Map();
  for (const [place, key] of keys.entries()) {
    const stratum = population.get(key)!;
    const row = { key, ticket: hexOf(hashes[place]!) };
    const rows = ranked.get(stratum);
    if (rows) rows.push(row);
    else ranked.set(stratum, [row]);
  }
  for (const rows of ranked.values()) rows.sort((left, right) => ascending(left.ticket, right.ticket) || ascending(left.key, right.key));
  return ranked;
}

function checkSelection(check: string, written: Json[], ranked: Ranking, quota: ReadonlyMap<string, number>): void {
  const computed = [...quota.keys()].sort().flatMap((stratum) =>
    (ranked.get(stratum) ?? []).slice(0, quota.get(stratum)).map(({ key, ticket }) => ({ stratum, key, ticket })),
  );
  for (const [place, row] of computed.entries()) sameDocument(check, `row ${place + 1} of the selection`, written[place]!, row);
  same(check, "the number of objects drawn", written.length, computed.length);
}

/** A draw of objects, replayed: who was drawn, who stands, who was skipped. */
class Replay {
  readonly drawn: Set<string>;
  readonly standing: Set<string>;
  private readonly skipped = new Map<string, number>();
  private readonly missing = new Map<string, number>();

  constructor(
    private readonly files: Files,
    private readonly manifest: Document,
    private readonly manifestHash: string,
    private readonly population: ReadonlyMap<string, string>,
    private readonly ranked: Ranking,
    selection: readonly { key: string }[],
  ) {
    this.drawn = new Set(selection.map((row) => row.key));
    this.standing = new Set(this.drawn);
  }

  async supplement(number: number, written: Document): Promise<void> {
    hasFields("supplement", written, "number manifest_hash beacon seed selection");
    const name = `supplement-${number}.json`;
    const document = readJson(this.files, name);
    const hash = await hashText(canonical(document));
    same("supplement", "number", [written.number, document.number], [number, number]);
    same("supplement", `the hash of ${name}`, written.manifest_hash, hash);
    const head = [document.spec, document.kind, document.draw_id, document.manifest_hash];
    same("supplement", `the head of ${name}`, head, [SPEC, "supplement", this.manifest.draw_id, this.manifestHash]);
    checkBeacon(document.seed.beacon, written.beacon);
    same("supplement", "the seed", written.seed, await seedOf(hash, written.beacon, []));
    const quota = new Map<string, number>(document.strata.map((row: Document) => [row.id, row.quota]));
    for (const [stratum, count] of quota) {
      const missing = this.missing.get(stratum) ?? 0;
      if (!(count >= 1 && count <= missing)) wrong("supplement", `${name} draws more than is missing`);
      this.missing.set(stratum, missing - count);
    }
    const rest = new Map([...this.population].filter(([key]) => !this.drawn.has(key)));
    checkSelection("supplement", written.selection, await ranking(written.seed, `s${number}:o:`, rest), quota);
    for (const row of written.selection) {
      this.drawn.add(row.key);
      this.standing.add(row.key);
    }
  }

  replacement(row: Document): void {
    hasFields("replacements", row, "key code by ticket");
    if (!this.manifest.replacement.codes.includes(row.code)) wrong("replacements", `${row.code} is not a listed reason`);
    if (!this.standing.has(row.key)) wrong("replacements", `${row.key} was not drawn, or was replaced before`);
    const stratum = this.population.get(row.key)!;
    const size: number = this.manifest.strata.find((other: Document) => other.id === stratum).size;
    const allowed = (BigInt(size) * share(this.manifest.replacement.cap_per_stratum)) / SCALE;
    const before = this.skipped.get(stratum) ?? 0;
    const next = BigInt(before) < allowed ? this.ranked.get(stratum)!.find(({ key }) => !this.drawn.has(key)) : undefined;
    same("replacements", `what comes for ${row.key}`, [row.by, row.ticket], [next?.key ?? null, next?.ticket ?? null]);
    this.skipped.set(stratum, before + 1);
    this.standing.delete(row.key);
    if (next) {
      this.drawn.add(next.key);
      this.standing.add(next.key);
    } else {
      this.missing.set(stratum, (this.missing.get(stratum) ?? 0) + 1);
    }
  }
}

export async function checkObjects(
  files: Files,
  manifest: Document,
  manifestHash: string,
  result: Document,
  population: ReadonlyMap<string, string>,
  progress: Progress,
): Promise<Record<string, number>> {
  hasFields("result", result, "spec draw_id manifest_hash beacon reveals seed selection replacements", "supplements");
  const ranked = await ranking(result.seed, "o:", population, progress);
  const quota = new Map<string, number>(manifest.strata.map((row: Document) => [row.id, row.quota]));
  checkSelection("selection", result.selection, ranked, quota);
  const replay = new Replay(files, manifest, manifestHash, population, ranked, result.selection);
  const supplements: Document[] = result.supplements ?? [];
  const cameWith = new Map<string, number>();
  for (const [place, supplement] of supplements.entries()) for (const row of supplement.selection) cameWith.set(row.key, place + 1);
  let done = 0;
  for (const row of result.replacements) {
    // an object that a supplement brought can be skipped only after that supplement
    while (!replay.standing.has(row.key) && (cameWith.get(row.key) ?? 0) > done) {
      done += 1;
      await replay.supplement(done, supplements[done - 1]);
    }
    replay.replacement(row);
  }
  for (; done < supplements.length; done += 1) await replay.supplement(done + 1, supplements[done]);
  return {
    tickets: population.size,
    drawn: result.selection.length,
    skipped: result.replacements.length,
    supplements: supplements.length,
    standing: replay.standing.size,
  };
}
