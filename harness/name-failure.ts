import type { Catalogue } from '../matrices/catalogue.ts';
import { formatConfig, type Config } from '../matrices/config.ts';
import { matchExpectation, type Expectation } from '../matrices/expectation.ts';
import { minimalForm, normalise } from '../matrices/normalise.ts';
import type { Failure, KnownIssue } from '../reports/report-model.ts';
import { violationName, type FoundFailure, type Violation } from './find-failures.ts';

/** What known issues say of a failure. */
export type Naming = Pick<Failure, 'known' | 'alsoKnown' | 'knownInPart'>;

/**
 * The known issues that name a failure.
 *
 * It is known when its minimal cell has a name, and so has every cell of the plan that shows it. A known issue of one method
 * says nothing of another that fails alike, nor of a release that it does not speak of: that may be a bug of its own, and
 * the name would hide it.
 *
 * @param planned - Names of the violations of the plan; what was met while shrinking turns nothing red.
 */
export const nameFailure = (
  { minimal, fails, cells }: FoundFailure,
  catalogue: Catalogue,
  planned: ReadonlySet<string>,
): Naming => {
  const away = minimalForm(catalogue.axes, minimal.config);
  // That of the minimal cell first.
  const names = new Set<Expectation>();
  const beyond = new Map<string, Set<string>>();
  const asked = new Map<string, Expectation | undefined>();
  for (const cell of [minimal, ...cells.filter((one) => planned.has(violationName(one)))]) {
    const { id } = cell.ready.pin;
    const own = alikeValues(away, fails, cell.config);
    const values = formatConfig(own);
    const kind = `${id} ${values}`;
    if (!asked.has(kind)) {
      // The minimal cell with these values, on this pin.
      const config = normalise(catalogue.axes, { ...away, ...own });
      asked.set(kind, expectationOf({ ...minimal, ready: cell.ready, config }, catalogue));
    }
    const name = asked.get(kind) ?? expectationOf(cell, catalogue);
    if (name !== undefined) names.add(name);
    else beyond.set(values, (beyond.get(values) ?? new Set()).add(id));
  }
  const [known, ...alsoKnown] = [...names].map(issueOf);
  if (known === undefined) return {};
  if (beyond.size > 0) return { knownInPart: { ...known, beyond: [...beyond].map(sayBeyond) } };
  return { known, ...(alsoKnown.length > 0 && { alsoKnown }) };
};

/** What a cell has in place of values of the minimal config, of those with which it fails alike: `adapter=hra`. */
const alikeValues = (away: Config, fails: FoundFailure['fails'], config: Config): Config =>
  Object.fromEntries(
    Object.entries(away).flatMap(([name, value]) => {
      const own = config[name];
      return own !== undefined && own !== value && fails[name]?.includes(own) === true ? [[name, own]] : [];
    }),
  );

const sayBeyond = ([values, pins]: readonly [string, ReadonlySet<string>]): string =>
  `${values} on ${[...pins].join(', ')}`.trimStart();

const issueOf = ({ id, kind, title, link }: Expectation): KnownIssue => ({ id, kind, title, link });

/** The known issue that names one violation. */
export const expectationOf = (violation: Violation, { expectations }: Catalogue): Expectation | undefined =>
  matchExpectation(failureLike(violation), expectations);

/** A violation, as known issues and other lists of looks are matched with it. */
export const failureLike = ({
  signature,
  detail,
  config,
  ready,
}: Violation): Parameters<typeof matchExpectation>[0] => ({
  property: signature.property,
  phase: signature.phase,
  exception: signature.exception,
  message: `${signature.message}\n${detail}`,
  config,
  versions: ready.hello.versions,
});
