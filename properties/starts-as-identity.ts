import { arithmeticBound } from './bounds.ts';
import { holds, noEvidence } from './judgements.ts';
import type { Property } from './property.ts';
import { sameOutputs } from './same-outputs.ts';

/**
 * Methods that start at zero leave the outputs alone to the last bit. Those that take a part out of the weights and put it
 * into the adapter (PiSSA, OLoRA, CorDA) compute (W - BA) x + B (A x) in place of W x: whatever B and A are, that is W x but
 * for rounding the difference, the product and the sum. The parts are no larger than W, so it is three more roundings of
 * the same size a layer; with the products that the bound of the arithmetic counts anyway, well inside it.
 */
export const startsAsIdentity: Property = {
  id: 'starts-as-identity',
  version: 1,
  claim: 'A fresh adapter that promises it leaves the outputs of the base model alone.',
  applies: ({ adapter }) => adapter.configClass !== null && adapter.promises.identity,
  judge: (subject, { start }) =>
    start === undefined
      ? noEvidence('the fresh adapter was not compared with the base model')
      : (sameOutputs(start.distance, {
          phase: 'adapt',
          message: 'a fresh adapter changes the outputs of the base model',
          bound: arithmeticBound(subject),
        }) ?? holds),
};
