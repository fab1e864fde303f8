import { InfrastructureError, InputError, type PeftMatrixError } from '../../matrices/errors.ts';
import type { Answer } from './answer.ts';
import { cutPoints, gapsOf, partsOf, type Gap } from './gaps.ts';

/** An ordered list of candidates to be searched, oldest first; they are told by their index. */
export interface SearchOptions {
  readonly size: number;
  /** The candidate that shows the failure. */
  readonly bad: number;
  /** One that does not; absent: it is looked for from `bad` on, in strides of 1, 2, 4, ... */
  readonly good?: number;
  /** Where the good one is looked for. */
  readonly towards: 'older' | 'newer';
  /** How many candidates are asked at once. */
  readonly workers: number;
  /** What was known before anything is asked. */
  readonly known?: (index: number) => Answer | undefined;
  readonly ask: (index: number) => Promise<Answer>;
  /** Asks again, in a cold process. Absent: nothing is asked twice. */
  readonly confirm?: (index: number) => Promise<Answer>;
  /** For messages: `peft 0.12.0`. */
  readonly nameOf: (index: number) => string;
  /** A round begins, with what it asks and what the next one may ask, likeliest first. */
  readonly onRound?: (now: readonly number[], next: readonly number[]) => void;
}

/** Two neighbours among the candidates that could be asked, of which one shows the failure and the other does not. */
export interface Change extends Gap {
  readonly kind: 'introduced' | 'fixed';
  /** Candidates between the two that could not be asked: the change may be in any of them, or in `after`. */
  readonly skipped: readonly number[];
  /** A second, cold run of both said the same. */
  readonly isConfirmed: boolean;
}

/** One answer, in the order of asking. */
interface Asked {
  readonly index: number;
  readonly answer: Answer;
  readonly how: 'known' | 'asked' | 'confirmed';
}

export interface Found {
  /** Every change point that was found, oldest first. */
  readonly changes: readonly Change[];
  /** What each candidate came to; those that nobody asked are not in it. */
  readonly answers: ReadonlyMap<number, Answer>;
  readonly asked: readonly Asked[];
  /** Rounds of asking; confirming does not count. */
  readonly rounds: number;
}

/**
 * Finds where a failure came or went: the ends are proved, then every gap between a good and a bad candidate is cut into
 * `workers + 1` parts, round by round, until only candidates that cannot be asked are left in it.
 *
 * History need not be monotone. Of a good and a bad end it finds one change for sure; of what is known besides, and of what
 * the rounds show, every one.
 *
 * @throws InputError when an end is not what it is said to be.
 * @throws Whatever `ask` throws, once all that was asked at the same time has ended.
 */
export const search = async (options: SearchOptions): Promise<Found> => {
  const diary = new Diary(options);
  await proveEnds(options, diary);
  const anchor = farthestBad(options, diary.answers);
  for (;;) {
    const points = nextPoints(options, diary.answers, anchor);
    if (points.length > 0) await diary.askAll(points, likelyNext(options, diary.answers, points));
    else if (!(await confirmNext(options, diary))) break;
  }
  const { answers, asked, rounds, confirmed } = diary;
  return { changes: changesOf(answers, confirmed), answers, asked, rounds };
};

/** Everything that was answered. */
class Diary {
  readonly answers = new Map<number, Answer>();
  readonly asked: Asked[] = [];
  /** Those that a cold run confirmed, or could not speak of. */
  readonly confirmed = new Map<number, boolean>();
  rounds = 0;
  readonly #options: SearchOptions;

  constructor(options: SearchOptions) {
    this.#options = options;
    for (let index = 0; index < options.size; index++) {
      const answer = options.known?.(index);
      if (answer !== undefined) this.note({ index, answer, how: 'known' });
    }
  }

  note(entry: Asked): void {
    this.asked.push(entry);
    this.answers.set(entry.index, entry.answer);
  }

  async askAll(points: readonly number[], next: readonly number[]): Promise<void> {
    this.rounds += 1;
    this.#options.onRound?.(points, next);
    const answers = await allOrNone(points.map((index) => this.#options.ask(index)));
    for (const [place, answer] of answers.entries()) this.note({ index: points[place] ?? 0, answer, how: 'asked' });
  }
}

/** Waits for all, so that nothing goes on behind the back of an error. */
const allOrNone = async <T>(promises: readonly Promise<T>[]): Promise<readonly T[]> => {
  await Promise.allSettled(promises);
  return Promise.all(promises);
};

/** Throws `InputError` for an end that is not what it is said to be, `InfrastructureError` for one that cannot be asked. */
const proveEnds = async ({ bad, good, workers, nameOf }: SearchOptions, diary: Diary): Promise<void> => {
  const ends = good === undefined ? [bad] : [bad, good];
  for (;;) {
    const points = ends.filter((end) => !diary.answers.has(end)).slice(0, workers);
    if (points.length === 0) break;
    await diary.askAll(points, []);
  }
  const problems = ends.flatMap((end) => {
    const answer = diary.answers.get(end);
    const wanted = end === bad ? 'bad' : 'good';
    if (answer === undefined || answer.kind === wanted) return [];
    const claim = wanted === 'bad' ? 'shows the failure' : 'does not show it';
    return [`${nameOf(end)} was taken for an end that ${claim}, but it ${describeAnswer(answer)}`];
  });
  if (problems.length > 0) {
    throw endError(
      problems.join('\n'),
      ends.map((end) => diary.answers.get(end)),
    );
  }
};

/** The error for ends that are not what they are said to be. Where one could not be asked, nobody has said anything wrong. */
export const endError = (problem: string, answers: readonly (Answer | undefined)[]): PeftMatrixError =>
  answers.some((answer) => answer?.kind === 'skip' && answer.cause === 'broken')
    ? new InfrastructureError(problem)
    : new InputError(problem);

const describeAnswer = (answer: Answer): string => {
  switch (answer.kind) {
    case 'good':
      return `is good${answer.detail === undefined ? '' : ` (${answer.detail})`}`;
    case 'bad':
      return `is bad: ${answer.detail}`;
    case 'skip':
      return `cannot be asked (${answer.cause}): ${answer.reason}`;
  }
};

/** As far from the bad end as it is known to be bad without a good one between. */
const farthestBad = ({ bad, towards }: SearchOptions, answers: ReadonlyMap<number, Answer>): number => {
  const step = towards === 'older' ? -1 : 1;
  const beyond = [...answers]
    .filter(([index, { kind }]) => kind !== 'skip' && (index - bad) * step > 0)
    .toSorted(([left], [right]) => (left - right) * step);
  const firstGood = beyond.findIndex(([, { kind }]) => kind === 'good');
  return beyond.slice(0, firstGood === -1 ? undefined : firstGood).at(-1)?.[0] ?? bad;
};

const nextPoints = (
  options: SearchOptions,
  answers: ReadonlyMap<number, Answer>,
  anchor: number,
): readonly number[] => {
  const { size, good, towards, workers, bad } = options;
  const inGaps = cutPoints(gapsOf(answers), answers, workers);
  const step = towards === 'older' ? -1 : 1;
  const isBeyond = (index: number): boolean => (index - bad) * step > 0;
  const hasGood = [...answers].some(([index, { kind }]) => kind === 'good' && isBeyond(index));
  if (inGaps.length > 0 || hasGood || good !== undefined) return inGaps;
  const last = farthestBad(options, answers);
  const strides = stridesOver(towards === 'older' ? anchor : size - 1 - anchor)
    .map((distance) => anchor + distance * step)
    .filter((index) => (index - last) * step > 0 && !answers.has(index));
  if (strides.length > 0) return strides.slice(0, workers);
  // All that was reached was skipped: where that begins, a good one may be left.
  const skipped = [...answers.keys()].filter((index) => (index - last) * step > 0);
  if (skipped.length === 0) return [];
  const edge = towards === 'older' ? Math.max(...skipped) : Math.min(...skipped);
  return cutPoints([{ before: Math.min(last, edge), after: Math.max(last, edge) }], answers, workers);
};

/** 1, 3, 7, 15, ... away, and the last one at all. */
const stridesOver = (room: number): readonly number[] => {
  const strides: number[] = [];
  for (let stride = 1, distance = 1; distance < room; stride *= 2, distance += stride) strides.push(distance);
  return room > 0 ? [...strides, room] : [];
};

/** What the next round may ask, whichever way this one ends. */
const likelyNext = (
  { workers }: SearchOptions,
  answers: ReadonlyMap<number, Answer>,
  points: readonly number[],
): readonly number[] => {
  const gaps = gapsOf(answers);
  const decided = [...answers].filter(([, { kind }]) => kind !== 'skip').map(([index]) => index);
  const all = gaps.length > 0 ? gaps : points.flatMap((point) => gapTo(point, decided));
  const assumed = new Map<number, Answer>(answers);
  for (const point of points) assumed.set(point, { kind: 'good' });
  const parts = partsOf(all, points).map((part) => cutPoints([part], assumed, workers));
  return [...new Set(parts.flat())];
};

/** While a good end is looked for, it may be this one: from the nearest candidate that is known. */
const gapTo = (point: number, decided: readonly number[]): readonly Gap[] => {
  const [nearest] = decided.toSorted((left, right) => Math.abs(left - point) - Math.abs(right - point));
  return nearest === undefined ? [] : [{ before: Math.min(point, nearest), after: Math.max(point, nearest) }];
};

/**
 * Asks the two sides of every change again, cold. One that comes to something else is flaky, and counts as skipped from
 * then on: its gap is open again. False when there is nothing to confirm.
 */
const confirmNext = async ({ confirm, workers }: SearchOptions, diary: Diary): Promise<boolean> => {
  if (confirm === undefined) return false;
  const sides = new Set(gapsOf(diary.answers).flatMap(({ before, after }) => [before, after]));
  const points = [...sides].filter((index) => !diary.confirmed.has(index)).slice(0, workers);
  if (points.length === 0) return false;
  const answers = await allOrNone(points.map((index) => confirm(index)));
  for (const [place, second] of answers.entries()) {
    const index = points[place] ?? 0;
    const first = diary.answers.get(index);
    const isSame = first?.kind === second.kind;
    diary.confirmed.set(index, isSame);
    const answer = isSame || second.kind === 'skip' || first === undefined ? second : flaky(first, second);
    diary.asked.push({ index, answer, how: 'confirmed' });
    // A second run that could not be had says nothing against the first.
    if (!isSame && second.kind !== 'skip') diary.answers.set(index, answer);
  }
  return true;
};

const flaky = (first: Answer, second: Answer): Answer => ({
  kind: 'skip',
  cause: 'flaky',
  reason: `was ${first.kind}, and ${second.kind} when it was asked again in a cold process`,
});

const changesOf = (answers: ReadonlyMap<number, Answer>, confirmed: ReadonlyMap<number, boolean>): readonly Change[] =>
  gapsOf(answers).map((gap) => ({
    ...gap,
    kind: answers.get(gap.after)?.kind === 'bad' ? 'introduced' : 'fixed',
    skipped: Array.from({ length: gap.after - gap.before - 1 }, (_, place) => gap.before + 1 + place),
    isConfirmed: confirmed.get(gap.before) === true && confirmed.get(gap.after) === true,
  }));
