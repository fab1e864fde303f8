import { canonicalConfig } from '../matrices/config.ts';
import { allProperties } from '../properties/all.ts';
import type { Verdict } from '../properties/verdict.ts';
import { differs, judgeConfig, type Judged } from './judge-config.ts';
import type { Laboratory } from './laboratory.ts';
import type { Plan, PlannedRun } from './plan.ts';

/**
 * Judges every cell of a plan from the ledger alone, in the order of the plan. A cell whose second run came to something
 * else is flaky; it is kept apart and blamed on nobody.
 */
export const judgePlan = async (
  plan: Plan,
  missed: ReadonlyMap<PlannedRun, Verdict>,
  laboratory: Laboratory,
): Promise<readonly Judged[]> => {
  const repeated = new Set(plan.runs.filter(({ attempt }) => attempt === 1).map(nameOf));
  const first = plan.runs.filter(({ attempt, reads }) => attempt === 0 && reads === undefined);
  return Promise.all(
    first.map((run) => {
      const verdict = missed.get(run);
      const { ready, config } = run;
      if (verdict !== undefined) return Promise.resolve({ ...unasked, ready, config, verdict });
      return judgeRun(run, repeated.has(nameOf(run)), laboratory);
    }),
  );
};

/** What could not be planned: most of it is not offered, but what our data promise and a release took away is a failure. */
export const judgeExcluded = (plan: Plan, laboratory: Laboratory): Promise<readonly Judged[]> =>
  Promise.all(
    plan.excluded.map(({ ready, config }) =>
      judgeConfig(laboratory, ready, config, { properties: allProperties, by: laboratory.lookUp }),
    ),
  );

const judgeRun = async (run: PlannedRun, isRepeated: boolean, laboratory: Laboratory): Promise<Judged> => {
  const { ready, config } = run;
  const by = laboratory.lookUp;
  const judged = await judgeConfig(laboratory, ready, config, { properties: allProperties, by });
  if (!isRepeated || judged.verdict.kind === 'broken') return judged;
  const alone = allProperties.filter(({ references }) => references === undefined);
  const [once, again] = await Promise.all(
    [0, 1].map((number) =>
      judgeConfig(laboratory, ready, config, { properties: alone, by, attempt: { number, cold: false } }),
    ),
  );
  if (once === undefined || again === undefined || again.verdict.kind === 'broken' || !differs(once, again))
    return judged;
  const reason = `two runs of the same seed: ${describe(once)}, then ${describe(again)}`;
  return { ...judged, verdict: { kind: 'flaky', reason }, violations: [] };
};

const unasked = { violations: [], held: [], finished: [], refused: [] };

const describe = ({ verdict, violations }: Judged): string =>
  violations[0] === undefined
    ? verdict.kind
    : `${violations[0].signature.exception} in ${violations[0].signature.phase}`;

const nameOf = ({ ready, config }: PlannedRun): string => `${ready.pin.id} ${canonicalConfig(config)}`;
