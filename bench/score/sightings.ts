import type { Survey } from '../../harness/survey.ts';
import type { Violation } from '../../harness/find-failures.ts';
import { failureLike } from '../../harness/name-failure.ts';
import type { Config } from '../../matrices/config.ts';
import { matchesLooks } from '../../matrices/failure-looks.ts';
import type { Versions } from '../../matrices/pin.ts';
import type { Recognised, Sign } from './signs.ts';

/** Something that looks like a bug of the corpus, on one pin. */
export interface Sighting {
  readonly bug: string;
  readonly sign: Sign;
  readonly versions: Versions;
  /** The simplest that looks like it. */
  readonly config: Config;
  readonly phase: string;
  /** The property, and the message or the reason. */
  readonly what: string;
  readonly cells: number;
}

/** A cell that came to something: what a sign is compared with. */
interface Finding {
  readonly verdict: Sign['verdict'];
  readonly config: Config;
  readonly versions: Versions;
  readonly property: string;
  readonly phase: string;
  readonly exception: string;
  readonly message: string;
}

/** True when a violation looks as a sign says. */
export const looksLike = (violation: Violation, sign: Sign): boolean => matchesSign(findingOf(violation), sign);

/**
 * All bugs of the corpus that a survey may have seen, each sign once.
 *
 * @param compare - Simplest config first.
 */
export const sightingsIn = (
  survey: Pick<Survey, 'violations' | 'judged' | 'plan'>,
  recognised: readonly Recognised[],
  compare: (left: Config, right: Config) => number,
): readonly Sighting[] => {
  const findings = [...survey.violations.map(findingOf), ...reasonsOf(survey)];
  const ordered = findings.toSorted((left, right) => compare(left.config, right.config));
  return recognised.flatMap((entry) =>
    ('signs' in entry ? entry.signs : []).flatMap((sign) => {
      const matching = ordered.filter((finding) => matchesSign(finding, sign));
      const [simplest] = matching;
      if (simplest === undefined) return [];
      const { versions, config, phase, property, exception, message } = simplest;
      const what = [property, exception, message.split('\n')[0]].filter((part) => part !== '').join(': ');
      return [{ bug: entry.id, sign, versions, config, phase, what, cells: matching.length }];
    }),
  );
};

const matchesSign = (finding: Finding, sign: Sign): boolean =>
  finding.verdict === sign.verdict &&
  (sign.properties?.includes(finding.property) ?? true) &&
  (sign.phases?.some((phase) => phase === finding.phase) ?? true) &&
  matchesLooks(finding, sign);

const findingOf = (violation: Violation): Finding => ({ verdict: 'fail', ...failureLike(violation) });

/** Why cells are unsupported or flaky. */
const reasonsOf = ({ judged, plan }: Pick<Survey, 'judged' | 'plan'>): readonly Finding[] => [
  ...judged.flatMap(({ ready, config, verdict }) =>
    verdict.kind === 'unsupported' || verdict.kind === 'flaky'
      ? [reasonFinding(verdict.kind, verdict.reason, config, ready.hello.versions)]
      : [],
  ),
  ...plan.excluded.flatMap(({ ready, config, because }) =>
    because.kind === 'unsupported' ? [reasonFinding(because.kind, because.because, config, ready.hello.versions)] : [],
  ),
];

const reasonFinding = (
  verdict: 'unsupported' | 'flaky',
  message: string,
  config: Config,
  versions: Versions,
): Finding => ({ verdict, config, versions, property: '', phase: verdict, exception: '', message });
