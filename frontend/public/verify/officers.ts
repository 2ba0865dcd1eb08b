/** The assignment of officers: the lexicographically smallest that leaves every need feasible. */

import { hashText } from "./hashes";
import { wrong } from "./reading";

export interface Task {
  visit: string;
  agency: string;
  need: number;
}

export interface Assigned {
  visit: string;
  agency: string;
  officer: string;
  ticket: string;
}

/** One complete assignment is kept all the time; a choice is possible if the others can make room for it. */
class Assignment {
  readonly on: Set<string>[];
  readonly movable = new Map<string, Set<number>>();
  readonly load = new Map<string, number>();

  constructor(
    readonly eligible: readonly string[][],
    readonly cap: number,
  ) {
    this.on = eligible.map(() => new Set());
    for (const officer of eligible.flat()) {
      this.movable.set(officer, new Set());
      this.load.set(officer, 0);
    }
  }

  put(task: number, officer: string): void {
    this.on[task]!.add(officer);
    this.movable.get(officer)!.add(task);
    this.load.set(officer, this.load.get(officer)! + 1);
  }

  take(task: number, officer: string): void {
    this.on[task]!.delete(officer);
    this.movable.get(officer)!.delete(task);
    this.load.set(officer, this.load.get(officer)! - 1);
  }

  /** Whether the officer can go once more, after moving others if need be (an augmenting path). */
  hasRoom(officer: string, tried: Set<string>): boolean {
    if (this.load.get(officer)! < this.cap) return true;
    tried.add(officer);
    for (const task of [...this.movable.get(officer)!]) {
      for (const other of this.eligible[task]!) {
        if (tried.has(other) || this.on[task]!.has(other) || !this.hasRoom(other, tried)) continue;
        this.take(task, officer);
        this.put(task, other);
        return true;
      }
    }
    return false;
  }

  place(task: number, officer: string, drawn: ReadonlySet<string>, tried: Set<string>): boolean {
    if (this.on[task]!.has(officer)) return true;
    if (tried.has(officer)) return false;
    const leaving = [...this.on[task]!].filter((other) => !drawn.has(other)).sort()[0]!;
    this.take(task, leaving);
    const possible = this.hasRoom(officer, tried);
    this.put(task, possible ? officer : leaving);
    return possible;
  }
}

const key = (visit: string, agency: string): string => `${visit}\t${agency}`;
export const ascending = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** The assignment in the order in which the rule makes it. */
export async function assign(
  seed: string,
  tasks: readonly Task[],
  rows: readonly (readonly string[])[],
  cap: number,
): Promise<Assigned[]> {
  const turn = new Map<string, string>();
  for (const { visit } of tasks) if (!turn.has(visit)) turn.set(visit, await hashText(`${seed}|o:${visit}`));
  const order = [...tasks].sort(
    (left, right) =>
      ascending(turn.get(left.visit)!, turn.get(right.visit)!) ||
      ascending(left.visit, right.visit) ||
      ascending(left.agency, right.agency),
  );
  const eligible = new Map<string, string[]>();
  for (const [visit, agency, officer] of rows) {
    const found = eligible.get(key(visit!, agency!));
    if (found) found.push(officer!);
    else eligible.set(key(visit!, agency!), [officer!]);
  }
  const state = new Assignment(order.map((task) => eligible.get(key(task.visit, task.agency)) ?? []), cap);
  fill(state, order);
  const assigned: Assigned[] = [];
  for (const [number, task] of order.entries()) {
    const ranked = await Promise.all(
      state.eligible[number]!.map(async (officer) => ({ officer, ticket: await hashText(`${seed}|p:${task.visit}:${officer}`) })),
    );
    ranked.sort((left, right) => ascending(left.ticket, right.ticket) || ascending(left.officer, right.officer));
    assigned.push(...drawTask(state, number, task, ranked));
  }
  return assigned;
}

function fill(state: Assignment, order: readonly Task[]): void {
  for (const [number, task] of order.entries()) {
    for (let place = 0; place < task.need; place += 1) {
      const tried = new Set<string>();
      const found = state.eligible[number]!.find((officer) => !state.on[number]!.has(officer) && state.hasRoom(officer, tried));
      if (found === undefined) wrong("feasibility", `${task.agency} cannot send ${task.need} officers on ${task.visit}`);
      state.put(number, found);
    }
  }
}

function drawTask(state: Assignment, number: number, task: Task, ranked: { officer: string; ticket: string }[]): Assigned[] {
  const drawn = new Set<string>();
  const rows: Assigned[] = [];
  while (drawn.size < task.need) {
    const tried = new Set<string>();
    const found = ranked.find(({ officer }) => !drawn.has(officer) && state.place(number, officer, drawn, tried))!;
    drawn.add(found.officer);
    state.movable.get(found.officer)!.delete(number);
    rows.push({ visit: task.visit, agency: task.agency, officer: found.officer, ticket: found.ticket });
  }
  return rows;
}
