import { InputError } from '../../matrices/errors.ts';
import { normalName } from '../../matrices/expand-pins.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { FailureRecord } from '../failure-record.ts';
import { quoted } from '../results-words.ts';

/**
 * The package whose releases or sources are looked at, and the lock in which a failure was found.
 *
 * @param given - `--package`. @defaultValue PEFT, or the package that was taken from its repository
 * @throws InputError when nobody knows that lock, or the package is not in it.
 */
export const packageOf = (
  { id, pin: { source } }: FailureRecord,
  given = source.kind === 'tree' ? source.package : 'peft',
): { readonly lock: Lock; readonly name: string; readonly version: string } => {
  if (source.kind === 'interpreter') {
    throw new InputError(
      `${id} was found in an environment that was taken as it is (${source.path}): nobody knows its lock, so nothing ` +
        'can be held. Give two locks, --good-lock and --bad-lock, or run it on a pin with versions',
    );
  }
  const name = normalName(given);
  const version = source.lock.packages[name];
  if (version === undefined) {
    const known = Object.keys(source.lock.packages).join(', ');
    throw new InputError(`--package ${quoted(given)}: it is not where ${id} was found. There are: ${known}`);
  }
  return { lock: source.lock, name, version };
};
