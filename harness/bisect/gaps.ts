import type { Answer } from './answer.ts';

/** What is known of the candidates, by index; the oldest has index 0. */
export type Answers = ReadonlyMap<number, Answer>;

/** Two candidates that answer differently, with none between them that is known to be good or bad. */
export interface Gap {
  readonly before: number;
  readonly after: number;
}

/** Every gap that the answers show, oldest first: in each of them lies a change point at least. */
export const gapsOf = (answers: Answers): readonly Gap[] => {
  const decided = [...answers].filter(([, { kind }]) => kind !== 'skip').toSorted(([left], [right]) => left - right);
  return decided.flatMap(([after, { kind }], place) => {
    const previous = decided[place - 1];
    return previous === undefined || previous[1].kind === kind ? [] : [{ before: previous[0], after }];
  });
};

/** Candidates between two others that nobody has asked yet. */
const unasked = ({ before, after }: Gap, answers: Answers): readonly number[] =>
  Array.from({ length: after - before - 1 }, (_, place) => before + 1 + place).filter((index) => !answers.has(index));

/**
 * At most `width` candidates to ask at once, so that the widest gap is left as narrow as it can be: several gaps share
 * the places, and a gap with m of them is cut into m + 1 parts.
 */
export const cutPoints = (gaps: readonly Gap[], answers: Answers, width: number): readonly number[] => {
  const places = gaps.map((gap) => ({ gap, room: unasked(gap, answers).length, points: 0 }));
  for (let place = 0; place < width; place++) {
    const [widest] = places
      .filter(({ room, points }) => points < room)
      .toSorted((left, right) => partOf(right) - partOf(left) || right.gap.after - left.gap.after);
    if (widest !== undefined) widest.points += 1;
  }
  return places.flatMap(({ gap, points }) => cutGap(gap, answers, points));
};

/** The parts into which candidates that are being asked cut the gaps, widest first: in one of them it goes on. */
export const partsOf = (gaps: readonly Gap[], points: readonly number[]): readonly Gap[] =>
  gaps
    .flatMap(({ before, after }) => {
      const inside = points.filter((point) => point > before && point < after).toSorted((left, right) => left - right);
      const edges = [before, ...inside, after];
      return edges.slice(1).map((edge, place) => ({ before: edges[place] ?? before, after: edge }));
    })
    .filter(({ before, after }) => after - before > 1)
    .toSorted((left, right) => widthOf(right) - widthOf(left) || right.after - left.after);

const widthOf = ({ before, after }: Gap): number => after - before;

const partOf = ({ gap, points }: { readonly gap: Gap; readonly points: number }): number => widthOf(gap) / (points + 1);

const cutGap = (gap: Gap, answers: Answers, parts: number): readonly number[] => {
  const chosen: number[] = [];
  for (let part = 1; part <= parts; part++) {
    const target = gap.before + Math.round((widthOf(gap) * part) / (parts + 1));
    const free = unasked(gap, answers).filter((index) => !chosen.includes(index));
    const point = nearTo(target, free);
    if (point !== undefined) chosen.push(point);
  }
  return chosen;
};

/**
 * The target itself, else around it in steps that double: one that was skipped has a neighbour, a long row of them has an
 * end. At last whatever is nearest.
 */
const nearTo = (target: number, free: readonly number[]): number | undefined => {
  const steps = Array.from({ length: 8 }, (_, power) => 2 ** power).flatMap((step) => [step, -step]);
  const stepped = [0, ...steps].map((step) => target + step).find((index) => free.includes(index));
  return stepped ?? free.toSorted((left, right) => Math.abs(left - target) - Math.abs(right - target))[0];
};
