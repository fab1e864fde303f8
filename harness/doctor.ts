import type { Variables } from '../containers/local/cache-folder.ts';
import type { Finding } from '../reports/machine-findings.ts';
import { inspectAccelerators } from './doctor/accelerators.ts';
import { inspectDocker } from './doctor/docker.ts';
import { inspectEnvironments } from './doctor/environments.ts';
import { inspectIndex } from './doctor/package-index.ts';
import { inspectPythons } from './doctor/pythons.ts';
import { inspectRuntime } from './doctor/runtime.ts';
import { inspectStorage } from './doctor/storage.ts';
import { inspectUv } from './doctor/uv.ts';

/**
 * What this machine can run, in plain words, with what to do about it. Installs and changes nothing.
 *
 * @throws the signal's reason when it aborts; everything else that goes wrong is a finding.
 */
export const inspectMachine = async (
  signal: AbortSignal,
  variables: Variables = process.env,
): Promise<readonly Finding[]> => {
  const [environments, pythons, accelerators, docker] = await Promise.all([
    inspectEnvironments(variables),
    inspectPythons(variables, signal),
    inspectAccelerators(variables, signal),
    inspectDocker(variables, signal),
  ]);
  const uv = await inspectUv(variables, pythons.best, signal);
  return [
    ...inspectRuntime(),
    await inspectStorage(variables, environments.areBuilt),
    pythons.finding,
    uv,
    await inspectIndex(variables, pythons.best, environments.areBuilt, signal),
    environments.finding,
    accelerators,
    docker,
  ];
};
