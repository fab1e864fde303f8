import type { Variables } from '../../containers/local/cache-folder.ts';
import { runCommand } from '../../containers/local/run-command.ts';
import type { Finding } from '../../reports/machine-findings.ts';
import { engineAddresses, type EngineAddress } from './engine-address.ts';
import { askEngine, type EngineFacts } from './engine-facts.ts';
import { inspectEngineGpus, type EngineWord } from './engine-gpus.ts';
import { describeEngine, describeImages } from './engine-words.ts';
import { messageOf } from './message-of.ts';

/** How long an engine may take to say what it is, in milliseconds: one that is wedged accepts and never answers. */
const answerLimitMs = 5_000;

const base = { id: 'docker', title: 'Docker' };

/** Which container engine answers, and what of containers it can do. None is needed by default. */
export const inspectDocker = async (
  variables: Variables,
  signal: AbortSignal,
  limitMs = answerLimitMs,
  addresses = engineAddresses(variables),
): Promise<Finding> => {
  const [client, engine] = await Promise.all([
    nameClient(variables, signal),
    firstThatAnswers(addresses, limitMs, signal),
  ]);
  switch (engine.kind) {
    case 'none':
      return { ...base, status: 'ok', says: `${client}, no engine running (none is needed)` };
    case 'silent':
      return {
        ...base,
        status: 'warning',
        says: `${client}; the engine does not answer: ${engine.reason}`,
        remedy: `Only needed for running in containers. Start the engine, join its group, or set DOCKER_HOST (now ${engine.host}).`,
      };
    case 'answers':
      return describe(client, engine, variables, signal);
  }
};

const nameClient = async (variables: Variables, signal: AbortSignal): Promise<string> => {
  const { ok, stdout } = await runCommand('docker', ['--version'], { variables, timeoutMs: answerLimitMs }, signal);
  return ok ? stdout.trim() : 'no docker command';
};

type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'silent'; readonly host: string; readonly reason: string }
  | { readonly kind: 'answers'; readonly address: EngineAddress; readonly facts: EngineFacts };

const firstThatAnswers = async (
  addresses: readonly EngineAddress[],
  limitMs: number,
  signal: AbortSignal,
): Promise<Found> => {
  const tries = await Promise.all(addresses.map((address) => tryEngine(address, limitMs, signal)));
  return tries.find(({ kind }) => kind === 'answers') ?? tries[0] ?? { kind: 'none' };
};

const tryEngine = async (address: EngineAddress, limitMs: number, signal: AbortSignal): Promise<Found> => {
  try {
    const facts = await askEngine(address.host, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    return { kind: 'answers', address, facts };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'silent', host: address.host, reason: messageOf(error) };
  }
};

const describe = async (
  client: string,
  { address, facts }: Extract<Found, { readonly kind: 'answers' }>,
  variables: Variables,
  signal: AbortSignal,
): Promise<Finding> => {
  const words: readonly EngineWord[] = [
    { says: client },
    ...describeEngine(facts),
    ...(address.isFound ? [] : [notFound(address.host)]),
    ...(await inspectEngineGpus(facts, variables, signal)),
    ...(await describeImages(facts, address.host.startsWith('unix:'))),
  ];
  const remedies = words.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]));
  const says = words.map((word) => word.says).join('\n');
  if (remedies.length === 0) return { ...base, status: 'ok', says };
  return { ...base, status: 'warning', says, remedy: remedies.join('\n') };
};

const notFound = (host: string): EngineWord => ({
  says: `at ${host}`,
  remedy: `Cells run in this engine only with DOCKER_HOST=${host}`,
});
