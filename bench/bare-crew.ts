import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import * as z from 'zod';
import type { CellRequest } from '../containers/cell-request.ts';
import { probeEnvironment } from '../containers/local/probe-process.ts';
import { InfrastructureError } from '../matrices/errors.ts';

/** Facts of an observation, as rank 0 tells them. */
export type Facts = Readonly<Record<string, unknown>>;

/** Groups of ranks that are up already, each with its process group, all at work at once. */
export interface BareCrew extends AsyncDisposable {
  /** Runs a cell so many times, shared out among the groups; returns the time a cell took and what the last one showed. */
  readonly time: (request: CellRequest, cells: number) => Promise<{ readonly ms: number; readonly facts: Facts }>;
}

const script = join(import.meta.dirname, 'bare_rank.py');

/** Starts as many groups as cells are to run at once, each of `ranks` processes. */
export const startBareCrew = async (
  python: string,
  { groups, ranks }: { readonly groups: number; readonly ranks: number },
): Promise<BareCrew> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const crew: (readonly BareRank[])[] = [];
  for (let group = 0; group < groups; group++) {
    const place = join(folder, String(group));
    await mkdir(place);
    crew.push(
      Array.from({ length: ranks }, (_, rank) => stack.use(startRank(python, [String(rank), String(ranks), place]))),
    );
  }
  await Promise.all(crew.flat().map((rank) => rank.answer()));
  const owned = stack.move();
  return {
    time: async (request, cells) => {
      const began = performance.now();
      const facts = await Promise.all(crew.flat().map((rank) => rank.ask({ request, cells: cells / groups })));
      return { ms: (performance.now() - began) / cells, facts: facts[0] ?? {} };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

interface BareRank extends AsyncDisposable {
  readonly answer: () => Promise<Facts>;
  readonly ask: (message: unknown) => Promise<Facts>;
}

const startRank = (python: string, words: readonly string[]): BareRank => {
  const child = execa(python, [script, ...words], {
    cwd: '/',
    env: probeEnvironment(process.env),
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<Facts> => {
    const { value, done } = await lines.next();
    if (done === true) throw new InfrastructureError(`A bare rank ended: ${(await child).stderr.slice(-2_000)}`);
    return z.record(z.string(), z.unknown()).parse(JSON.parse(value));
  };
  return {
    answer,
    ask: (message) => {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return answer();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await child;
    },
  };
};
