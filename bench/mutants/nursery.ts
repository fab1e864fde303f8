import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { OpenResult } from '../../containers/executor.ts';
import { ProbeConnection } from '../../containers/probe-connection.ts';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { Mutant } from './mutant.ts';
import { mutantsEnvironment } from './places.ts';

/** What a probe is to be born with. */
export interface Order {
  readonly mutants: readonly Pick<Mutant, 'file' | 'begin' | 'end' | 'after'>[];
  /** A folder for the lines of PEFT that its cells execute; null where nobody asks. */
  readonly trace: string | null;
}

/** A process that has imported torch and transformers, and forks probes that import a PEFT with a fault. */
export interface Nursery extends AsyncDisposable {
  open(order: Order): Promise<OpenResult>;
}

interface NurseryOptions {
  readonly python: string;
  readonly preload: readonly string[];
  readonly hashSeed: number;
}

/** Importing a PEFT whose fault is an endless loop; it takes a second otherwise. */
const greetingMs = 120_000;

/** A nursery for the first runs of cells and one for the second: they are told apart by their seed of hashes, 0 and 1. */
export const startNurseries = async (python: string, preload: readonly string[]): Promise<Nurseries> => {
  await using stack = new AsyncDisposableStack();
  const bySeed: Nursery[] = [];
  for (const hashSeed of [0, 1]) bySeed.push(stack.use(await startNursery({ python, preload, hashSeed })));
  const owned = stack.move();
  return { bySeed, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};

/** Nurseries by their seed of hashes. */
export interface Nurseries extends AsyncDisposable {
  readonly bySeed: readonly Nursery[];
}

/** Starts a nursery and waits until it has imported. */
const startNursery = async ({ python, preload, hashSeed }: NurseryOptions): Promise<Nursery> => {
  const folder = await mkdtemp(join(tmpdir(), 'peft-mutants-'));
  const child = execa(python, ['-m', 'peft_mutants.nursery', '--preload', preload.join(',')], {
    cwd: '/',
    env: mutantsEnvironment(hashSeed),
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: false },
    reject: false,
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  const [ready] = (await Promise.race([once(createInterface(child.stdout), 'line'), child.then(() => [])])) as string[];
  if (ready === undefined) throw new InfrastructureError(`the nursery did not come up: ${words}`);
  let born = 0;
  return {
    open: async (order) => {
      born += 1;
      const path = join(folder, `${born}.sock`);
      const arrival = await listen(path, () => child.stdin.write(`${JSON.stringify({ ...order, socket: path })}\n`));
      return greet(arrival);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await child;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Waits for the one who is told to come. */
const listen = async (path: string, tell: () => void): Promise<Socket> => {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const server = createServer(resolve).on('error', reject).listen(path, tell);
  const overdue = setTimeout(() => reject(new InfrastructureError('no probe came out of the nursery')), greetingMs);
  try {
    return await promise;
  } finally {
    clearTimeout(overdue);
    server.close();
  }
};

const greet = async (socket: Socket): Promise<OpenResult> => {
  const connection = new ProbeConnection({ stdin: socket, stdout: socket, stderr: new PassThrough() });
  const overdue = setTimeout(() => connection.fail(`no greeting within ${greetingMs / 1000} s`), greetingMs);
  const greeting = await connection.greeting;
  clearTimeout(overdue);
  if (greeting.kind !== 'hello') {
    socket.destroy();
    return greeting;
  }
  return {
    kind: 'open',
    pin: {
      hello: greeting.hello,
      run: (cell, signal) => connection.run(cell, signal),
      [Symbol.asyncDispose]: () => {
        connection.close();
        return Promise.resolve();
      },
    },
  };
};
