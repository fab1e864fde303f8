import type { Observation } from '../containers/observation.ts';
import { arithmeticBound } from './bounds.ts';
import { holds, noEvidence, violated } from './judgements.ts';
import type { Judgement, Property } from './property.ts';
import { hasFiniteOutputs, notFinite } from './same-outputs.ts';
import { isAdapterAlone } from './unsharded-reference.ts';

/*
 * Greedy generation keeps what it computed of the words before, a whole forward pass computes it anew: the logits of the
 * two differ by rounding, and where two words are nearly as good, rounding picks. The best and the second best of V logits
 * of standard deviation s are closer than a small x with a probability of x sqrt(2 ln V) / s (the spacing of the largest
 * two of V normal variables is exponential with a mean of s / sqrt(2 ln V)). Errors of e s in each differ by sqrt(2) e s,
 * so a pick turns with a probability of at most sqrt(2 ln V) sqrt(2) e / sqrt(2 pi) = e sqrt(2 ln V / pi): for 64 words, 1.6
 * e. A row has turned after t words with a probability of at most p = 1.6 e t, and k of n rows have with at most C(n, k) p^k.
 * Only what is less likely than 1e-5 by that counts, with the bound of the arithmetic for e, which real rounding does not
 * come near: for four rows of eight words two rows in float32, four rows at the first word in bf16 and fp16. In
 * bf16-autocast nothing is so unlikely. A cache that an adapter does not respect turns every row.
 */
export const generateAgrees: Property = {
  id: 'generate-agrees',
  version: 1,
  claim: 'Greedy generation picks the words that whole forward passes pick.',
  applies: (subject) => isAdapterAlone(subject) && ['causal', 'seq2seq'].includes(subject.model.task),
  usages: () => ['generate'],
  judge: (subject, observation) => {
    const { generated } = observation;
    if (generated === undefined) return noEvidence('nothing was generated');
    if (!hasFiniteOutputs(observation)) return noEvidence(notFinite);
    const vocabulary = subject.model.arguments['vocab_size'];
    const words = typeof vocabulary === 'number' ? vocabulary : 64;
    return judgeTurns(generated, arithmeticBound(subject) * Math.sqrt((2 * Math.log(words)) / Math.PI));
  },
};

type Generated = NonNullable<Observation['generated']>;

/** What is taken for impossible. */
const negligible = 1e-5;

/** @param turning - probability that rounding turns one pick. */
const judgeTurns = (generated: Generated, turning: number): Judgement => {
  const turns = turnsOf(generated);
  const rows = turns.length;
  const turned = turns.filter(Number.isFinite);
  const unlikely = turned.some((words) => {
    const count = turned.filter((other) => other <= words).length;
    return choose(rows, count) * Math.min(1, turning * words) ** count < negligible;
  });
  if (!unlikely) return holds;
  const first = turns.findIndex(Number.isFinite);
  return violated(
    'generate',
    'greedy generation picks other words than forward passes',
    `${turned.length} of ${rows} rows differ, e.g. row ${first}: ${generated.tokens[first]?.join(' ')} against ${generated.expected[first]?.join(' ')}`,
  );
};

/** For each row the number of words after which the two differ; infinite where they never do. */
const turnsOf = ({ tokens, expected }: Generated): readonly number[] =>
  Array.from({ length: Math.max(tokens.length, expected.length) }, (_, row) => {
    const [ours, theirs] = [tokens[row] ?? [], expected[row] ?? []];
    const length = Math.max(ours.length, theirs.length);
    const at = Array.from({ length }, (_word, index) => index).find((index) => ours[index] !== theirs[index]);
    return at === undefined ? Number.POSITIVE_INFINITY : at + 1;
  });

const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, index) => (n - index) / (index + 1)).reduce((product, factor) => product * factor, 1);
