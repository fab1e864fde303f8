import { compare } from '@renovatebot/pep440';
import type { Catalogue } from '../matrices/catalogue.ts';
import type { Condition } from '../matrices/axis.ts';
import type { Reason } from '../reports/verdicts-model.ts';

/** The axes that the support matrix has. */
const coarse: ReadonlySet<string> = new Set(['adapter', 'sharding', 'precision']);

/**
 * A reason, with what the rule, refusal or entry behind it says: whether another value of the config would help, and for
 * which releases of PEFT it holds.
 */
export const describeReason = (catalogue: Catalogue, because: string, rule: string | undefined): Reason => {
  if (rule === undefined) return { because };
  const adapter = catalogue.adapters.find(({ name }) => `adapter:${name}` === rule);
  if (adapter !== undefined) {
    const { since, until } = adapter;
    return { because, rule, whole: true, ...definedOf({ since, until }) };
  }
  const ours = catalogue.rules.find(({ id }) => id === rule);
  if (ours !== undefined) return { because, rule, ...wholeIf(ours.when), ...endOf(because, ours.versions?.['peft']) };
  const refusal = catalogue.refusals.find(({ id }) => id === rule);
  if (refusal?.config === undefined) return { because, rule };
  return { because, rule, ...wholeIf(refusal.config), ...endOf(because, refusal.versions?.['peft']) };
};

const wholeIf = (when: Condition): Pick<Reason, 'whole'> =>
  Object.keys(when).every((axis) => coarse.has(axis)) ? { whole: true } : {};

/**
 * The first release that offers it, where the reason says so (`since PEFT 0.12.0`) and the range ends there. A range alone
 * says no such thing: it may end with the last release that was looked at.
 */
const endOf = (because: string, range: string | undefined): Pick<Reason, 'since'> => {
  const end = /^<\s*([^,=\s]+)$/.exec(range ?? '')?.[1];
  const since = /since PEFT (\d+(?:\.\d+)*)/.exec(because)?.[1];
  return end !== undefined && since !== undefined && compare(since, end) === 0 ? { since } : {};
};

const definedOf = ({
  since,
  until,
}: {
  readonly since: string | undefined;
  readonly until: string | undefined;
}): Pick<Reason, 'since' | 'until'> => ({
  ...(since === undefined ? {} : { since }),
  ...(until === undefined ? {} : { until }),
});
