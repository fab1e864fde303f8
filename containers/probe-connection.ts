import type { Readable, Writable } from 'node:stream';
import type { CellRequest } from './cell-request.ts';
import type { CellResult } from './executor.ts';
import type { Hello, ImportFailure, Request } from './protocol.ts';
import { firstLineSchema, replySchema } from './protocol.ts';
import { splitLines } from './split-lines.ts';
import { parseJson } from '../matrices/parse-json.ts';

/** The three streams of a probe, wherever its process is. */
export interface ProbeStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** What the first line of a probe said, or why there was none. */
export type Greeting =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'import-failed'; readonly failure: ImportFailure }
  | { readonly kind: 'broken'; readonly reason: string };

const stderrTailLength = 2_000;

/** Bytes in a line; an observation has some 4 kB on average, and the largest have not a megabyte. */
const longestLine = 16_000_000;

/** How long the one who owns the process has, once stdout has ended, to say how the process ended, in milliseconds. */
const endGraceMs = 2_000;

/** How long killing the ranks of a cell may take, in milliseconds. */
const cancelGraceMs = 5_000;

/** Importing in cold ranks, dumping stacks, and a machine that is busy with other things, in milliseconds. */
const allowanceMs = 600_000;

/** The probe keeps the deadlines; one that is itself stuck must not hold a campaign for ever. */
const longestRunMs = ({ phases, phaseDeadlineMs, graceMs }: CellRequest): number =>
  phases.length * phaseDeadlineMs + graceMs + allowanceMs;

/**
 * The harness's end of the JSON lines. It knows streams, not processes: a container's attached streams serve as well.
 *
 * Nothing here throws for what a probe does. A probe that dies, or writes what is no reply, makes every cell that is
 * under way `broken`, with the reason and the end of its stderr.
 */
export class ProbeConnection {
  readonly #streams: ProbeStreams;
  readonly #greeting = Promise.withResolvers<Greeting>();
  readonly #waiting = new Map<number, (result: CellResult) => void>();
  #greeted = false;
  #nextId = 1;
  #over: string | undefined;
  #ending: NodeJS.Timeout | undefined;
  #stderrTail = '';

  constructor(streams: ProbeStreams) {
    this.#streams = streams;
    // A probe that is gone shows as the end of stdout; EPIPE on its stdin says nothing more.
    streams.stdin.on('error', () => {});
    streams.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-stderrTailLength);
    });
    splitLines(streams.stdout, longestLine, {
      onLine: (line) => this.#receive(line),
      onGarbage: (reason) => this.fail(`the probe wrote ${reason}`),
      onEnd: () => this.#noticeEnd(),
    });
  }

  get greeting(): Promise<Greeting> {
    return this.#greeting.promise;
  }

  /**
   * Runs one cell. Aborting kills its ranks, waits until the probe says so, and rejects with the signal's reason.
   *
   * @param devices - The GPU of each rank, as the probe numbers them; without it the cell may use all of them.
   */
  async run(cell: CellRequest, signal: AbortSignal, devices?: readonly number[]): Promise<CellResult> {
    signal.throwIfAborted();
    if (this.#over !== undefined) return { kind: 'broken', reason: this.#over };
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<CellResult>();
    this.#waiting.set(id, resolve);
    const overdue = setTimeout(() => this.fail('the probe is past every deadline of a cell'), longestRunMs(cell));
    let unanswered: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      this.#send({ cancel: id });
      unanswered = setTimeout(() => this.fail('the probe did not end a cell that was called off'), cancelGraceMs);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      this.#send({ id, run: cell, ...(devices === undefined ? {} : { devices: [...devices] }) });
      const result = await promise;
      signal.throwIfAborted();
      return result;
    } finally {
      signal.removeEventListener('abort', cancel);
      clearTimeout(overdue);
      clearTimeout(unanswered);
    }
  }

  /** Ends the conversation: closing stdin is how a probe is told to go. */
  close(): void {
    this.#streams.stdin.end();
  }

  /** The process is known to be gone, or the conversation makes no sense: whoever waits gets `broken`. First reason wins. */
  fail(reason: string): void {
    clearTimeout(this.#ending);
    this.#over ??= this.#stderrTail.trim() === '' ? reason : `${reason}; its last words: ${this.#stderrTail.trim()}`;
    this.#greeting.resolve({ kind: 'broken', reason: this.#over });
    for (const resolve of this.#waiting.values()) resolve({ kind: 'broken', reason: this.#over });
    this.#waiting.clear();
    this.close();
  }

  /** Nothing more will come. How the process ended says more than that it did, and stderr may have last words to come. */
  #noticeEnd(): void {
    if (this.#over !== undefined) return;
    this.close();
    this.#ending = setTimeout(() => this.fail('the probe closed its output'), endGraceMs);
  }

  #send(message: Request): void {
    if (this.#streams.stdin.writable) this.#streams.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive(line: string): void {
    if (this.#over !== undefined) return;
    if (this.#greeted) this.#receiveReply(line);
    else this.#receiveGreeting(line);
  }

  #receiveGreeting(line: string): void {
    this.#greeted = true;
    const first = firstLineSchema.safeParse(parseJson(line));
    if (!first.success) this.fail(`the probe's first line is no greeting: ${line.slice(0, 200)}`);
    else if ('hello' in first.data) this.#greeting.resolve({ kind: 'hello', hello: first.data.hello });
    else this.#greeting.resolve({ kind: 'import-failed', failure: first.data.importFailure });
  }

  #receiveReply(line: string): void {
    const reply = replySchema.safeParse(parseJson(line));
    if (!reply.success) return this.fail(`the probe wrote what is no reply: ${line.slice(0, 200)}`);
    const { id } = reply.data;
    if (id === null) return this.fail('error' in reply.data ? reply.data.error : 'the probe lost a request');
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(resultOf(reply.data));
  }
}

type ParsedReply = ReturnType<typeof replySchema.parse>;

const resultOf = (reply: ParsedReply): CellResult => {
  if ('observation' in reply) {
    const { observation, provenance, files } = reply;
    return { kind: 'observed', observation, provenance, ...(files === undefined ? {} : { files }) };
  }
  return { kind: 'broken', reason: 'error' in reply ? reply.error : 'the cell was cancelled' };
};
