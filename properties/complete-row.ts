import type { AxisValue, Config } from '../matrices/config.ts';
import { absent, appliesInRow, type IndexedSpace, type Row } from './indexed-space.ts';
import type { Draw } from './seeded-random.ts';

/** Says whether a settled config makes sense. Pure; the fewer axes it reads, the faster impossibility is proven. */
export type Feasible = (config: Config) => boolean;

/** Finds feasible rows. */
export interface RowCompleter {
  /**
   * Extends a row that is decided in part to a feasible one: every decided axis applies and keeps its value; what the
   * predicate does not look at is drawn.
   *
   * `impossible` is a proof; `unknown` means that the search was given up.
   */
  readonly complete: (part: Row, draw: Draw) => Row | 'impossible' | 'unknown';
  /** Whether a settled row is feasible. */
  readonly accepts: (row: Row) => boolean;
}

/** How much searching is worth while before the answer is `unknown`. */
export interface Patience {
  /** Decisions for one row. */
  readonly perRow: number;
  /** Decisions in vain, over all rows; once they are spent, a row gets `perRow` or 1,000, whichever is less. */
  readonly inVain: number;
}

const defaultPatience: Patience = { perRow: 100_000, inVain: 1_000_000 };

/**
 * A complete search under a predicate of which nothing is known but its answers.
 *
 * The predicate is shown configs that are decided only as far as it has looked (the idea of Korat and of Lazy
 * SmallCheck). Reading an axis that is open asks a question and so makes a node of a decision tree; an answer after
 * reading three axes holds for every config that agrees on these three. The tree is kept, so the predicate runs once for
 * each path through it, and the rest is walking.
 */
export const rowCompleter = (
  space: IndexedSpace,
  feasible: Feasible,
  patience: Patience = defaultPatience,
): RowCompleter => {
  const tree = new DecisionTree(space, feasible);
  let inVain = 0;
  const complete: RowCompleter['complete'] = (part, draw) => {
    const allowed = allowedValues(space, part);
    if (allowed === 'impossible') return allowed;
    const row: number[] = space.axes.map(() => absent);
    const steps = inVain < patience.inVain ? patience.perRow : Math.min(patience.perRow, 1000);
    const walk = { tree, space, allowed, row, draw, steps };
    const found = descend(walk, tree.root);
    if (found === 'feasible') return withFreeAxes(walk);
    inVain += steps - walk.steps;
    return found;
  };
  return { complete, accepts: (row) => tree.verdictOn(row) };
};

/** Per axis which values are left, given what `part` decides and what that needs to apply at all. */
const allowedValues = (space: IndexedSpace, part: Row): Allowed | 'impossible' => {
  const allowed: Allowed = [];
  // Needs point to earlier axes only, so one pass from the last axis to the first reaches all of them.
  for (let index = space.axes.length - 1; index >= 0; index--) {
    const decided = part[index] ?? absent;
    if (decided !== absent) keepOnly(space, allowed, index, (value) => value === decided);
    const left = allowed[index];
    if (left === undefined) continue;
    if (!left.includes(true)) return 'impossible';
    for (const need of space.needs[index] ?? []) {
      keepOnly(space, allowed, need.axis, (value) => need.allowed[value] === true);
    }
  }
  return allowed;
};

/** Which values an axis may still take and that it must apply; all values, or none at all, where there is no entry. */
type Allowed = (readonly boolean[] | undefined)[];

const keepOnly = (space: IndexedSpace, allowed: Allowed, axis: number, keeps: (value: number) => boolean): void => {
  const values = space.axes[axis]?.values ?? [];
  const before = allowed[axis];
  allowed[axis] = values.map((_, value) => before?.[value] !== false && keeps(value));
};

interface Walk {
  readonly tree: DecisionTree;
  readonly space: IndexedSpace;
  readonly allowed: Allowed;
  /** The decisions on the way from the root to here. */
  readonly row: number[];
  readonly draw: Draw;
  steps: number;
}

const descend = (walk: Walk, node: Node): 'feasible' | 'impossible' | 'unknown' => {
  if (node.kind === 'verdict') return node.feasible ? 'feasible' : 'impossible';
  for (const value of drawnValues(walk, node.axis)) {
    if (walk.steps-- <= 0) return 'unknown';
    walk.row[node.axis] = value;
    const found = descend(walk, walk.tree.answer(node, value, walk.row));
    if (found !== 'impossible') return found;
  }
  walk.row[node.axis] = absent;
  return 'impossible';
};

/** The values that are left for the axis, from a drawn one on. */
function* drawnValues(walk: Walk, axis: number): Generator<number> {
  const count = walk.space.axes[axis]?.values.length ?? 0;
  const allowed = walk.allowed[axis];
  const start = walk.draw(count);
  for (let offset = 0; offset < count; offset++) {
    const value = (start + offset) % count;
    if (allowed?.[value] !== false) yield value;
  }
}

/** Decides what the predicate did not look at: any value that is left will do. */
const withFreeAxes = (walk: Walk): Row => {
  for (const index of walk.row.keys()) {
    if (walk.row[index] !== absent || !appliesInRow(walk.space, walk.row, index)) continue;
    for (const value of drawnValues(walk, index)) {
      walk.row[index] = value;
      break;
    }
  }
  return walk.row;
};

type Node = Verdict | Question;

interface Verdict {
  readonly kind: 'verdict';
  readonly feasible: boolean;
}

interface Question {
  readonly kind: 'question';
  readonly axis: number;
  readonly answers: Node[];
}

const verdicts: Readonly<Record<'yes' | 'no', Verdict>> = {
  yes: { kind: 'verdict', feasible: true },
  no: { kind: 'verdict', feasible: false },
};

class DecisionTree {
  readonly #space: IndexedSpace;
  readonly #feasible: Feasible;
  #root: Node | undefined;

  constructor(space: IndexedSpace, feasible: Feasible) {
    this.#space = space;
    this.#feasible = feasible;
  }

  get root(): Node {
    this.#root ??= this.#ask(this.#space.axes.map(() => absent));
    return this.#root;
  }

  /** Whether the predicate accepts a row in which every axis that applies is decided. */
  verdictOn(row: Row): boolean {
    const path: number[] = this.#space.axes.map(() => absent);
    let node = this.root;
    while (node.kind === 'question') {
      const value = row[node.axis] ?? absent;
      path[node.axis] = value;
      node = this.answer(node, value, path);
    }
    return node.feasible;
  }

  /** The node below `question` for `value`; `row` holds the decisions down to there. */
  answer(question: Question, value: number, row: Row): Node {
    const known = question.answers[value];
    if (known !== undefined) return known;
    const node = this.#ask(row);
    question.answers[value] = node;
    return node;
  }

  #ask(row: Row): Node {
    const view = new PartialView(this.#space, row);
    const verdict = view.judge(this.#feasible);
    if (view.question !== absent) return { kind: 'question', axis: view.question, answers: [] };
    return verdict ? verdicts.yes : verdicts.no;
  }
}

/** A config decided in part, as the predicate sees it; remembers the first open axis that it looked at. */
class PartialView {
  readonly #space: IndexedSpace;
  readonly #row: Row;
  question: number = absent;

  constructor(space: IndexedSpace, row: Row) {
    this.#space = space;
    this.#row = row;
  }

  /** The predicate's answer, which counts only when no question came up on the way. */
  judge(feasible: Feasible): boolean {
    try {
      return feasible(this.#proxy());
    } catch (error) {
      if (this.question === absent) throw error;
      return false;
    }
  }

  #proxy(): Config {
    return new Proxy<Record<string, AxisValue>>(
      {},
      {
        get: (target, name) => (this.#isAxis(name) ? this.#read(name) : Reflect.get(target, name)),
        has: (target, name) => (this.#isAxis(name) ? this.#read(name) !== undefined : Reflect.has(target, name)),
        ownKeys: () => this.#space.axes.map(({ name }) => name).filter((name) => this.#read(name) !== undefined),
        getOwnPropertyDescriptor: (_, name) => {
          const value = this.#isAxis(name) ? this.#read(name) : undefined;
          return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: true };
        },
      },
    );
  }

  #isAxis(name: string | symbol): name is string {
    return typeof name === 'string' && this.#space.axisOf.has(name);
  }

  #read(name: string): AxisValue | undefined {
    const axis = this.#space.axisOf.get(name) ?? absent;
    const value = this.#row[axis] ?? absent;
    if (value === absent && this.#mayApply(axis)) this.#askFor(axis);
    return this.#space.axes[axis]?.values[value];
  }

  /** False when the decisions so far rule the axis out. A need that is open is asked for first. */
  #mayApply(axis: number): boolean {
    return (this.#space.needs[axis] ?? []).every((need) => {
      const value = this.#row[need.axis] ?? absent;
      if (value !== absent) return need.allowed[value] === true;
      if (this.#mayApply(need.axis)) this.#askFor(need.axis);
      return false;
    });
  }

  #askFor(axis: number): never {
    // A predicate that catches what it does not know goes on with a guess: only the first question counts.
    if (this.question === absent) this.question = axis;
    throw new OpenQuestion();
  }
}

/** Unwinds the predicate; never seen outside. Carries no stack trace, for it is thrown by the thousand. */
class OpenQuestion {
  readonly kind = 'open-question';
}
