import { realpathSync } from 'node:fs';
import type { Variables } from '../../containers/local/cache-folder.ts';
import { allInterpreters } from '../../containers/local/interpreters.ts';
import type { Interpreter } from '../../containers/local/interpreters.ts';
import type { Finding } from '../../reports/machine-findings.ts';

/** The Python of the default matrix. */
const wanted = '3.11';

/** Every Python >= 3.8 on PATH and under pyenv, and one that can be asked for pip's settings. */
export const inspectPythons = async (
  variables: Variables,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly best: Interpreter | undefined }> => {
  const named = await allInterpreters(variables, signal);
  const found = eachOnce(named);
  const base = { id: 'python', title: 'Python' };
  if (found.length === 0) {
    const says = 'no Python >= 3.8 on PATH or under pyenv';
    const remedy = `Install Python ${wanted} (a package of the system, or pyenv), so that it is on PATH or under pyenv.`;
    return { finding: { ...base, status: 'problem', says, remedy }, best: undefined };
  }
  const says = found.map(({ version, path }) => `${version}  ${path}`).join('\n');
  const hasWanted = found.some(({ version }) => version.startsWith(`${wanted}.`));
  const remedy = `The default matrix needs Python ${wanted}: uv will fetch it, which needs the network; or install it.`;
  return {
    finding: hasWanted ? { ...base, status: 'ok', says } : { ...base, status: 'warning', says, remedy },
    best: named[0],
  };
};

/** One interpreter has many names; newest first. */
const eachOnce = (interpreters: readonly Interpreter[]): readonly Interpreter[] =>
  [...new Map(interpreters.map((interpreter) => [realpathSync(interpreter.path), interpreter])).values()].toSorted(
    (left, right) => right.version.localeCompare(left.version, 'en', { numeric: true }),
  );
