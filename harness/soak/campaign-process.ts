import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa } from 'execa';
import { eventSchema, type CampaignEvent } from '../../reports/events.ts';

/** What a shell calls `peft-matrix`. */
export const commandLine = join(import.meta.dirname, '../cli.ts');

/** The variable that marks every process of a campaign; a probe's allow-list lets it through. */
export const markVariable = 'PEFT_MATRIX_SOAK';

/** Where a campaign lives, apart from all others on the machine. */
export interface Ground {
  readonly matrix: string;
  /** Further words of its command line, such as the executor. */
  readonly words: readonly string[];
  readonly results: string;
  /** Its folder of temporary files. */
  readonly scratch: string;
  /** Value of {@link markVariable}. */
  readonly mark: string;
}

/** How a campaign's process ended. */
export interface CampaignEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stderr: string;
  /** Milliseconds since it was started. */
  readonly ms: number;
}

type IsReached = (events: readonly CampaignEvent[]) => boolean;

/** `peft-matrix run` as a process in a group of its own, with what it tells. */
export interface CampaignProcess extends AsyncDisposable {
  readonly pid: number;
  /** Time of its start on the clock of `performance.now()`. */
  readonly began: number;
  readonly events: readonly CampaignEvent[];
  /** Milliseconds from the start to each of `events`. */
  readonly times: readonly number[];
  readonly end: Promise<CampaignEnd>;
  /** Waits until its events are so: true; or until it has ended: false. */
  reach(isReached: IsReached): Promise<boolean>;
}

/** Starts a campaign. Disposing of it kills it, should it still run. */
export const startCampaign = ({ matrix, words, results, scratch, mark }: Ground): CampaignProcess => {
  const began = performance.now();
  const child = execa(process.execPath, [commandLine, 'run', matrix, '--results', results, '--json', ...words], {
    env: { [markVariable]: mark, TMPDIR: scratch, NODE_NO_WARNINGS: '1' },
    stdin: 'ignore',
    buffer: { stdout: false },
    reject: false,
    detached: true,
    cleanup: false,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the campaign could not be started');
  // In a group of its own it does not get the Ctrl-C that ends us.
  const endToo = (): void => void child.kill('SIGKILL');
  process.once('exit', endToo);
  const events: CampaignEvent[] = [];
  const times: number[] = [];
  const waiting = new Map<(isSo: boolean) => void, IsReached>();
  const settle = (isOver: boolean): void => {
    for (const [resolve, isReached] of waiting) {
      const isSo = isReached(events);
      if (isSo || isOver) resolve(isSo);
      if (isSo || isOver) waiting.delete(resolve);
    }
  };
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const event = eventOf(line);
    if (event === undefined) return;
    events.push(event);
    times.push(performance.now() - began);
    settle(false);
  });
  let isOver = false;
  const end = child.then(({ exitCode, signal, stderr }): CampaignEnd => {
    isOver = true;
    process.off('exit', endToo);
    settle(true);
    return { exitCode, signal, stderr, ms: performance.now() - began };
  });
  return {
    pid,
    began,
    events,
    times,
    end,
    reach: (isReached) => {
      if (isOver || isReached(events)) return Promise.resolve(isReached(events));
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.set(resolve, isReached);
      return promise;
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill('SIGKILL');
      await end;
    },
  };
};

/** The last line of one that was killed may be half a line. */
const eventOf = (line: string): CampaignEvent | undefined => {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
