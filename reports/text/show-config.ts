import { formatConfig } from '../../matrices/config.ts';
import type { Config } from '../../matrices/config.ts';
import type { FailureChange } from '../diff/diff-model.ts';
import type { Failure } from '../report-model.ts';
import { oneLine } from './safe-text.ts';

/** A config as the command line takes it; in words when it has no value of its own. */
export const showConfig = (config: Config): string => {
  const text = oneLine(formatConfig(config));
  return text === '' ? '(every axis at its default)' : text;
};

/** The minimal config of a failure. That of a failing import holds for every config. */
export const showMinimal = (failure: Pick<Failure, 'minimal' | 'phase'>): string =>
  failure.phase === 'import' && Object.keys(failure.minimal).length === 0
    ? '(any: nothing can be imported)'
    : showConfig(failure.minimal);

/** A cell that came to something else, where that is another config than the minimal one; else nothing. */
export const showExample = ({ example, minimal }: Pick<FailureChange, 'example' | 'minimal'>): string =>
  example === undefined || formatConfig(example) === formatConfig(minimal) ? '' : showConfig(example);

/** The other values of each field of the minimal config that fail in the same way: `adapter=dora or vera, wrap=none`. */
export const showOtherFailing = ({ minimal, fails }: Pick<Failure, 'minimal' | 'fails'>): string =>
  oneLine(
    Object.entries(fails)
      .map(([name, values]) => [name, values.filter((value) => value !== minimal[name])] as const)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => `${name}=${values.join(' or ')}`)
      .join(', '),
  );
