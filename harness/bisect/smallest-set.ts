import type { Answer } from './answer.ts';
import { search } from './search.ts';

/** What a mixture came to: it shows what moving everything shows, or not, or it cannot be had. */
export type Outcome = 'shown' | 'not-shown' | 'unresolved';

/** Asks for the mixture in which these differences are moved, and no others. */
export type Mix = (moved: readonly number[]) => Promise<Outcome>;

export interface SmallestSet {
  /** In ascending order. */
  readonly members: readonly number[];
  /** Without one of these it could not be asked, so nobody knows whether they are needed. */
  readonly unproven: readonly number[];
  /** Mixtures that were asked for, each once. */
  readonly asks: number;
}

/**
 * The smallest set of differences that shows what all of them together show: 1-minimal, so that without any one of its
 * members it does not show, as far as that can be asked.
 *
 * Moving more mostly shows more. So the members are found one after the other by halving: the shortest row of differences
 * that shows it ends with a member. Where a mixture cannot be had, or moving more hides it, delta debugging has the last word.
 *
 * @param size - Number of differences. Moving all of them shows it, moving none does not; neither is asked.
 */
export const smallestSet = async (size: number, mix: Mix, workers = 1): Promise<SmallestSet> => {
  const memory = remember(size, mix);
  const found = await membersByHalving(size, memory.mix, workers);
  const members = (await leaveOut(found, memory.mix)).toSorted((left, right) => left - right);
  const without = await Promise.all(members.map((member) => memory.mix(members.filter((other) => other !== member))));
  const unproven = members.filter((_, place) => without[place] === 'unresolved');
  return { members, unproven, asks: memory.asks() };
};

/** What `smallestSet` is compared with: leave one out after the other, as long as the rest shows it. */
export const oneByOne = async (size: number, mix: Mix): Promise<SmallestSet> => {
  const memory = remember(size, mix);
  let members = all(size);
  for (const item of members) {
    const rest = members.filter((other) => other !== item);
    if ((await memory.mix(rest)) === 'shown') members = rest;
  }
  return { members, unproven: [], asks: memory.asks() };
};

/** What `smallestSet` is compared with: delta debugging from the beginning. */
export const plainDeltaDebugging = async (size: number, mix: Mix): Promise<SmallestSet> => {
  const memory = remember(size, mix);
  const members = await deltaDebugging(all(size), memory.mix);
  return { members, unproven: [], asks: memory.asks() };
};

const all = (size: number): readonly number[] => Array.from({ length: size }, (_, index) => index);

/** No mixture is asked for twice, and the two ends are known. */
const remember = (size: number, mix: Mix): { readonly mix: Mix; readonly asks: () => number } => {
  const known = new Map<string, Promise<Outcome>>();
  let asks = 0;
  return {
    asks: () => asks,
    mix: (moved) => {
      if (moved.length === 0) return Promise.resolve('not-shown');
      if (moved.length === size) return Promise.resolve('shown');
      const sorted = moved.toSorted((left, right) => left - right);
      const key = sorted.join();
      const outcome = known.get(key) ?? mix(sorted);
      if (!known.has(key)) asks += 1;
      known.set(key, outcome);
      return outcome;
    },
  };
};

/** Members of a set that shows it, the last one first. */
const membersByHalving = async (size: number, mix: Mix, workers: number): Promise<readonly number[]> => {
  const members: number[] = [];
  let pool = all(size);
  while (pool.length > 0 && (members.length === 0 || (await mix(members)) !== 'shown')) {
    const row = await shortestRow({ pool, least: 0 }, members, mix, workers);
    // Where the rows between cannot be had, it is for want of what comes later: the other way round it may be there.
    const turned = [...row.pool.slice(0, row.before), ...row.pool.slice(row.before, row.after).toReversed()];
    const other =
      row.after - row.before > 1 ? await shortestRow({ pool: turned, least: row.before }, members, mix, workers) : row;
    const { before, after, pool: order } = other.after - other.before < row.after - row.before ? other : row;
    members.push(...order.slice(before, after));
    pool = order.slice(0, before);
  }
  return members;
};

/** Differences in an order, of which the first `least` do not show it. */
interface Pool {
  readonly pool: readonly number[];
  readonly least: number;
}

/** Two lengths of a row from the beginning of the pool: added to the members, the longer shows it and the shorter does not. */
const shortestRow = async (
  { pool, least }: Pool,
  members: readonly number[],
  mix: Mix,
  workers: number,
): Promise<{ readonly pool: readonly number[]; readonly before: number; readonly after: number }> => {
  const { changes } = await search({
    size: pool.length + 1,
    bad: pool.length,
    good: least,
    towards: 'older',
    workers,
    // The shortest was asked for already, and the whole pool is what this began with.
    known: (length) => (length === least ? answers['not-shown'] : length === pool.length ? answers.shown : undefined),
    ask: async (length) => answers[await mix([...members, ...pool.slice(0, length)])],
    nameOf: (length) => `the first ${length}`,
  });
  return { pool, ...(changes[0] ?? { before: least, after: pool.length }) };
};

const answers: Readonly<Record<Outcome, Answer>> = {
  shown: { kind: 'bad', detail: 'shown' },
  'not-shown': { kind: 'good' },
  unresolved: { kind: 'skip', cause: 'broken', reason: 'unresolved' },
};

/**
 * The second half of ddmin: parts are left out as long as the rest shows it, first large ones, at last one by one until that
 * changes nothing. Of what halving found no part shows it alone, so those are not asked.
 */
const leaveOut = async (start: readonly number[], mix: Mix): Promise<readonly number[]> => {
  let items = start;
  let size = Math.floor(start.length / 2);
  while (size >= 1) {
    const before = items;
    for (const chunk of chunksOf(before, size)) {
      const rest = items.filter((item) => !chunk.includes(item));
      if ((await mix(rest)) === 'shown') items = rest;
    }
    if (size > 1 || items.length === before.length) size = Math.floor(size / 2);
  }
  return items;
};

const chunksOf = (items: readonly number[], size: number): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, place) => items.slice(place * size, (place + 1) * size));

/** Zeller and Hildebrandt's ddmin, from a set that shows it. */
const deltaDebugging = async (start: readonly number[], mix: Mix): Promise<readonly number[]> => {
  let items = start;
  let parts = 2;
  while (items.length >= 2) {
    const chunks = split(items, parts);
    const chunk = await firstShown(chunks, mix);
    const rest = chunk ?? (await firstShown(complements(items, chunks), mix));
    if (rest === undefined && parts >= items.length) break;
    if (rest === undefined) parts = Math.min(items.length, parts * 2);
    else parts = chunk === undefined ? Math.max(2, parts - 1) : 2;
    items = rest ?? items;
  }
  return items;
};

const split = (items: readonly number[], parts: number): readonly (readonly number[])[] =>
  Array.from({ length: parts }, (_, part) =>
    items.slice(Math.floor((part * items.length) / parts), Math.floor(((part + 1) * items.length) / parts)),
  );

const complements = (
  items: readonly number[],
  chunks: readonly (readonly number[])[],
): readonly (readonly number[])[] => chunks.map((chunk) => items.filter((item) => !chunk.includes(item)));

const firstShown = async (sets: readonly (readonly number[])[], mix: Mix): Promise<readonly number[] | undefined> => {
  for (const set of sets) if ((await mix(set)) === 'shown') return set;
  return undefined;
};
