import * as z from 'zod';
import { InfrastructureError } from '../../../matrices/errors.ts';
import type { Lock } from '../../../matrices/pin.ts';
import { answerLimitMs, type Engine } from '../engine.ts';
import { askEngine } from './ask-engine.ts';

/** Docker says it as the kernel does, Podman as Go does. */
const machines: Readonly<Record<string, string>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
};

const infoSchema = z.object({ Architecture: z.string(), OSType: z.string().optional() });

/**
 * Refuses a lock whose packages the engine's machine cannot run; the engine's, for that may be another one than ours.
 *
 * @throws InfrastructureError
 */
export const refuseForeignLock = async (engine: Engine, { platform }: Lock, signal: AbortSignal): Promise<void> => {
  const info: unknown = await askEngine('saying what it is', answerLimitMs, signal, () => engine.info());
  const { Architecture, OSType = 'linux' } = infoSchema.parse(info);
  const its = `${OSType}-${machines[Architecture] ?? Architecture}`;
  if (platform === its) return;
  throw new InfrastructureError(
    `The lock is for ${platform}, the container engine runs ${its}: resolve the pin on such a machine, or set ` +
      `DOCKER_HOST to an engine that runs ${platform}.`,
  );
};
