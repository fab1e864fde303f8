import type { Observation } from '../containers/observation.ts';
import type { Config } from '../matrices/config.ts';
import { explain } from '../matrices/explain.ts';
import type { Phase } from '../matrices/phase.ts';
import {
  referenceKey,
  requiredReferences,
  verdictOf,
  withoutFailures,
  type CellVerdict,
  type FailVerdict,
  type Judging,
} from '../properties/judge.ts';
import type { Property, Reference } from '../properties/property.ts';
import { signatureId } from '../properties/signature.ts';
import type { Verdict } from '../properties/verdict.ts';
import { askCell } from './ask-cell.ts';
import { placeReference } from './baseline.ts';
import { firstAttempt, type ReadyPin } from './cell.ts';
import { judgingOf } from './judge-alone.ts';
import type { Violation } from './find-failures.ts';
import { cellOf, type Laboratory } from './laboratory.ts';
import { subjectOf } from './subject.ts';
import type { Attempt } from './ledger.ts';
import type { Run } from './run-cell.ts';

/** What to judge a config by. */
export interface Question {
  readonly properties: readonly Property[];
  /** How to come by observations: from the ledger alone, or by running what is missing. */
  readonly by: Run;
  readonly attempt?: Attempt;
}

/** A config on a pin, judged. */
export interface Judged {
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly verdict: Verdict;
  readonly violations: readonly Violation[];
  /** Ids of the properties that had their evidence and hold. */
  readonly held: readonly string[];
  /** Phases that it finished; none where nothing was observed. */
  readonly finished: readonly Phase[];
  /** Ids of the refusals that it met. */
  readonly refused: readonly string[];
  /** Where it ran; absent where nothing was observed. */
  readonly place?: Pick<Observation, 'backend' | 'ranks'>;
}

/** Judges a config on a pin, with every reference that the properties ask for. */
export const judgeConfig = async (
  laboratory: Laboratory,
  ready: ReadyPin,
  config: Config,
  { properties, by, attempt = firstAttempt }: Question,
): Promise<Judged> => {
  const { catalogue, abort } = laboratory;
  const feasibility = explain(catalogue, config, ready.hello);
  if (feasibility.kind === 'removed') return judged(ready, config, removal(feasibility.what, feasibility.because));
  if (feasibility.kind !== 'feasible') {
    return judged(ready, config, withoutFailures({ kind: feasibility.kind, reason: feasibility.because }));
  }
  const result = await by(cellOf(laboratory, ready, config, attempt), abort);
  if (result.kind === 'broken') return judged(ready, config, withoutFailures(result));
  const subject = subjectOf(catalogue, config, ready.hello.versions);
  const judging = judgingOf(catalogue, ready, properties);
  const found = await findReferences(laboratory, ready, requiredReferences(subject, judging), by);
  const references = new Map(found.map(({ reference, observation }) => [referenceKey(reference), observation]));
  const verdict = verdictOf(subject, result.observation, {
    ...judging,
    find: (reference) => references.get(referenceKey(reference)),
  });
  return { ...judged(ready, config, verdict), ...encountered(judging, config, result.observation) };
};

/** Where a cell ran, how far it got, and what PEFT refused on the way. */
const encountered = (
  { isRefusal }: Judging,
  config: Config,
  { phases, stop, usageStops = [], backend, ranks }: Observation,
): Pick<Judged, 'finished' | 'refused' | 'place'> => ({
  place: { backend, ranks },
  finished: phases.map(({ name }) => name),
  refused: [...(stop === undefined ? [] : [stop]), ...usageStops].flatMap((each) => {
    const refusal = isRefusal(each, config);
    return refusal === undefined ? [] : [refusal.id];
  }),
});

/** The verdicts of two attempts differ: the cell is flaky. A property that only one of them speaks of counts too. */
export const differs = (left: Judged, right: Judged): boolean =>
  left.verdict.kind !== right.verdict.kind ||
  left.violations.map(({ signatureId: id }) => id).join() !== right.violations.map(({ signatureId: id }) => id).join();

const judged = (ready: ReadyPin, config: Config, { verdict, failures, held }: CellVerdict): Judged => ({
  ready,
  config,
  verdict,
  held,
  violations: failures.map(({ signature, detail }) => ({
    ready,
    config,
    signature,
    signatureId: signatureId(signature),
    detail,
  })),
  finished: [],
  refused: [],
});

/** Our data promise it for this release and it is not there. */
const removal = (what: string, because: string): CellVerdict => {
  const failure: FailVerdict = {
    kind: 'fail',
    signature: { property: 'runs', phase: 'adapt', exception: 'Removed', message: `${what} is gone`, frames: [] },
    detail: because,
  };
  return { verdict: failure, failures: [failure], held: [] };
};

/** Another run, where it was had, and what it showed. */
export interface FoundReference {
  readonly reference: Reference;
  readonly place: { readonly ready: ReadyPin };
  readonly observation: Observation;
}

/** Those of the references that can be had; their configs are normalised. */
export const findReferences = async (
  laboratory: Laboratory,
  ready: ReadyPin,
  references: readonly Reference[],
  by: Run,
): Promise<readonly FoundReference[]> => {
  const isFeasible = (config: Config, { hello }: ReadyPin): boolean =>
    explain(laboratory.catalogue, config, hello).kind === 'feasible';
  const placed = references.flatMap((reference) => {
    const place = placeReference(reference, ready, laboratory.baselineOf, isFeasible);
    return place === undefined ? [] : [{ reference, place }];
  });
  const found = await Promise.all(
    placed.map(async ({ reference, place }) => {
      const attempt = { number: reference.attempt, cold: false };
      const result = await askCell(laboratory, { ...place, config: reference.config, attempt }, by);
      return result.kind === 'observed' ? [{ reference, place, observation: result.observation }] : [];
    }),
  );
  return found.flat();
};
