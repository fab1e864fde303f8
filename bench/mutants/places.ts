import { fileURLToPath } from 'node:url';
import { probeEnvironment } from '../../containers/local/probe-process.ts';

const mutantsFolder = fileURLToPath(new URL('.', import.meta.url));

/** What a Python process sees that has both the probe's package and the mutator's. */
export const mutantsEnvironment = (hashSeed: number): Record<string, string> => {
  const environment = probeEnvironment(process.env);
  return {
    ...environment,
    PYTHONPATH: `${environment['PYTHONPATH'] ?? ''}:${mutantsFolder}`,
    PYTHONHASHSEED: String(hashSeed),
  };
};
