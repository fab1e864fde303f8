import type { Catalogue } from '../matrices/catalogue.ts';
import { formatConfig, type Config } from '../matrices/config.ts';
import { matchExpectation, type Expectation } from '../matrices/expectation.ts';
import { minimalForm, normalise } from '../matrices/normalise.ts';
import type { Failure } from '../reports/report-model.ts';
import { violationName, type FoundFailure, type Violation } from './find-failures.ts';

/** What known issues say of a failure. */
export type Naming = Pick<Failure, 'known' | 'alsoKnown' | 'knownInPart'>;

/** What is asked of a failure here. */
type Named = Pick<FoundFailure, 'minimal' | 'fails' | 'cells'>;

/**
 * The known issues that name a failure.
 *
 * It is known when its minimal cell has a name, and so has every cell of the plan that shows it. A known issue of one method
 * says nothing of another that fails alike, nor of a release that it does not speak of: that may be a bug of its own, and
 * the name would hide it.
 *
 * @param planned - Names of the violations of the plan; what was met while shrinking turns nothing red.
 */
export const nameFailure = (failure: Named, catalogue: Catalogue, planned: ReadonlySet<string>): Naming => {
  const { minimal, cells } = failure;
  // That of the minimal cell first.
  const names = new Set<Expectation>();
  const beyond = new Map<string, Set<string>>();
  const asked = new Map<string, Expectation | undefined>();
  for (const cell of [minimal, ...cells.filter((one) => planned.has(violationName(one)))]) {
    const { id } = cell.ready.pin;
    const own = alikeValues(failure, cell, catalogue);
    const values = formatConfig(own);
    const kind = `${id} ${values}`;
    if (!asked.has(kind)) asked.set(kind, expectationOf(withValues(minimal, own, cell, catalogue), catalogue));
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
const alikeValues = ({ minimal, fails }: Named, cell: Violation, { axes }: Catalogue): Config =>
  Object.fromEntries(
    Object.entries(minimalForm(axes, minimal.config)).flatMap(([name, value]) => {
      const own = cell.config[name];
      return own !== undefined && own !== value && fails[name]?.includes(own) === true ? [[name, own]] : [];
    }),
  );

/** The minimal cell with these values, on the pin of another one. */
const withValues = (minimal: Violation, values: Config, { ready }: Violation, { axes }: Catalogue): Violation => ({
  ...minimal,
  ready,
  config: normalise(axes, { ...minimalForm(axes, minimal.config), ...values }),
});

const sayBeyond = ([values, pins]: readonly [string, ReadonlySet<string>]): string =>
  `${values} on ${[...pins].join(', ')}`.trimStart();

const issueOf = ({ id, kind, title, link }: Expectation): NonNullable<Failure['known']> => ({ id, kind, title, link });

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
