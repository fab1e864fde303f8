import { gt } from '@renovatebot/pep440';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { explain } from './explain.ts';
import { normalise } from './normalise.ts';
import type { AxisValue } from './config.ts';

const catalogue = await loadCatalogue();
const { adapters, rules, refusals } = catalogue;

/** A release, which says since or up to when. */
const release = /\b(?:PEFT|torch|transformers) \d+(?:\.\d+)*\b/u;

const unsupportedBy = (peft: string, chosen: Readonly<Record<string, AxisValue>>): string => {
  const feasibility = explain(catalogue, normalise(catalogue.axes, chosen), {
    versions: { peft, torch: '2.13.0' },
    device: 'cpu',
    devices: 0,
    configClasses: {},
    dtypes: ['float32'],
    lstmDtypes: [],
    shardings: [],
  });
  return feasibility.kind === 'unsupported' ? feasibility.because : `${feasibility.kind}, not unsupported`;
};

describe('what is unsupported says since or up to which release', () => {
  test.each(rules.filter(({ verdict }) => verdict === 'unsupported'))('the rule $id', ({ because }) => {
    expect(because).toMatch(release);
  });

  test.each(refusals)('the refusal $id', ({ because }) => {
    expect(because).toMatch(release);
  });

  test.each(adapters.filter(({ since }) => since !== undefined))('$name before $since', ({ name, since }) => {
    expect(unsupportedBy('0.0.1', { adapter: name })).toContain(`is there since PEFT ${since}`);
  });

  test.each(adapters.filter(({ until }) => until !== undefined))('$name from $until on', ({ name, until = '' }) => {
    expect(unsupportedBy(until, { adapter: name })).toContain(`is gone since PEFT ${until}`);
  });

  test.each(laterParts())('$name=$value of $adapter before $since', ({ adapter, first, name, value, since }) => {
    expect(unsupportedBy(first, { adapter, [name]: value })).toContain(`is there since PEFT ${since}`);
  });
});

/** Options and values that came after their method. */
function laterParts() {
  return adapters.flatMap(({ name: adapter, since: first = '0.0.1', options }) =>
    options.flatMap(({ name, values, since, releases = {} }) => {
      const [, second = ''] = values;
      const parts = [
        { value: second, since },
        ...Object.entries(releases).map(([value, lifetime]) => ({ value, since: lifetime.since ?? since })),
      ];
      return parts.flatMap((part) =>
        part.since !== undefined && gt(part.since, first) ? [{ adapter, first, name, ...part, since: part.since }] : [],
      );
    }),
  );
}
