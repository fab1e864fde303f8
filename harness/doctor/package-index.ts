import { messageOf } from './message-of.ts';
import type { Variables } from '../../containers/local/cache-folder.ts';
import type { Interpreter } from '../../containers/local/interpreters.ts';
import { fetchReleases } from '../../containers/local/package-index.ts';
import { bridgePipSettings, readPipSettings } from '../../containers/local/pip-settings.ts';
import { finalVersions } from '../../matrices/expand-pins.ts';
import type { Finding } from '../../reports/machine-findings.ts';

const timeoutMs = 20_000;

/** Whether the package index that pip or uv is set to answers now, and tells when releases came out. */
export const inspectIndex = async (
  variables: Variables,
  python: Interpreter | undefined,
  environmentsAreBuilt: boolean,
  signal: AbortSignal,
): Promise<Finding> => {
  const base = { id: 'index', title: 'Package index' };
  const pip = bridgePipSettings(
    python === undefined ? '' : await readPipSettings(python.path, variables, signal),
    variables,
  );
  try {
    // A folder that can never be made: what was kept from an earlier answer says nothing of now.
    const settled = { ...variables, ...pip.variables, XDG_CACHE_HOME: '/dev/null/none' };
    const releases = await fetchReleases('peft', settled, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    const says = [`answers; it has ${finalVersions(releases).length} releases of peft`, ...pip.warnings].join('\n');
    return { ...base, status: pip.warnings.length > 0 ? 'warning' : 'ok', says };
  } catch (error) {
    signal.throwIfAborted();
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const reason = isLate ? `gave no answer within ${timeoutMs / 1000} s` : messageOf(error);
    const says = [reason, ...pip.warnings].join('\n');
    return environmentsAreBuilt
      ? { ...base, status: 'warning', says, remedy: 'The default matrix runs without it: its environments are built.' }
      : {
          ...base,
          status: 'problem',
          says,
          remedy: 'A default run needs it to build its environments.',
        };
  }
};
