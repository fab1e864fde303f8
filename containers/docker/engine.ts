import type Dockerode from 'dockerode';
import { getContainerRuntimeClient } from 'testcontainers';
import { InfrastructureError } from '../../matrices/errors.ts';

/** The container engine, as testcontainers finds it: `DOCKER_HOST`, Docker's socket, a rootless one. */
export type Engine = Dockerode;

/** How long the engine may take for one answer, in milliseconds. Pulling and building have limits of their own. */
export const answerLimitMs = 30_000;

/**
 * Connects to the engine.
 *
 * @throws InfrastructureError when none answers.
 */
export const connectEngine = async (): Promise<Engine> => {
  // Ports of containers are no business of ours. Inside a container, testcontainers would run another one, from an image
  // that it pulls, to find out where they are.
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  try {
    const client = await withinLimit('answering', answerLimitMs, () => getContainerRuntimeClient());
    return client.container.dockerode;
  } catch (cause) {
    throw engineAway(cause);
  }
};

/** What to tell somebody whose engine does not answer. */
export const engineAway = (cause: unknown): InfrastructureError => {
  const host = process.env['DOCKER_HOST'];
  const place = host === undefined || host === '' ? "at Docker's sockets" : `at ${host} (DOCKER_HOST)`;
  return new InfrastructureError(
    `No container engine answers ${place}. Start it, or set DOCKER_HOST; \`peft-matrix doctor\` says more.`,
    { cause },
  );
};

/**
 * A call to the engine with a limit: a wedged engine or container must not hold a campaign. The call gets a signal that
 * aborts when the limit is over; one that does not heed it is left behind. The limit ends with the answer: what a call
 * gives may be a stream that goes on for hours.
 *
 * @param what - What the engine is asked for, for people: `creating a container`.
 * @throws InfrastructureError when the limit is over; else what the call throws.
 */
export const withinLimit = async <T>(
  what: string,
  limitMs: number,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limit = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new InfrastructureError(`The container engine gave no answer within ${limitMs / 1000} s: ${what}`));
    limit.abort();
  }, limitMs);
  try {
    return await Promise.race([call(limit.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
};
