import type { Answer } from './answer.ts';
import { rememberMixtures, type Mix, type Outcome } from './remember-mixtures.ts';
import { search } from './search.ts';

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
  const memory = rememberMixtures(size, mix);
  const found = await membersByHalving(size, memory.mix, workers);
  const members = (await leaveOut(found, memory.mix)).toSorted((left, right) => left - right);
  const without = await Promise.all(members.map((member) => memory.mix(members.filter((other) => other !== member))));
  const unproven = members.filter((_, place) => without[place] === 'unresolved');
  return { members, unproven, asks: memory.asks() };
};

const all = (size: number): readonly number[] => Array.from({ length: size }, (_, index) => index);

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
