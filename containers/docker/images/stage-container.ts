import { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import * as z from 'zod';
import { pack } from 'tar-stream';
import { InfrastructureError } from '../../../matrices/errors.ts';
import { answerLimitMs, withinLimit, type Engine } from '../engine.ts';
import { ownLabel, processLabel, processMark } from '../labels.ts';
import { askEngine } from './ask-engine.ts';
import { imageKinds } from './image-labels.ts';
import type { PackedFile } from './list-files.ts';
import { writeArchive } from './write-archive.ts';

/** How an image is made of another one. */
export interface StageOrder {
  /** Id of the image that it is built on. */
  readonly parent: string;
  /** What is added, below the root. */
  readonly files: readonly PackedFile[];
  /** What is then run. */
  readonly command: readonly string[];
  readonly tag: string;
  /** For the image's history. */
  readonly comment: string;
  /** How the image differs from its parent in other respects, as lines of a Dockerfile. */
  readonly changes: readonly string[];
}

/** CUDA builds have gigabytes; a step that takes longer than this has hung, in milliseconds. */
const stepLimitMs = 1_200_000;

/**
 * Makes an image: files are put into a container of its parent, a program runs there without a network, and what the
 * container then holds gets the name in one step. Killed before that it leaves a container, which is swept like any other
 * of ours; no half image, and nothing in a builder's cache.
 *
 * @throws InfrastructureError in the program's words or the engine's.
 */
export const commitStage = async (engine: Engine, order: StageOrder, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  const container = await create(engine, order);
  try {
    await upload(container, order.files, signal);
    await run(container, signal);
    const [repo, tag] = order.tag.split(':');
    await askEngine(`naming the image ${order.tag}`, stepLimitMs, signal, (abortSignal) =>
      container.commit({ repo, tag, comment: order.comment, changes: order.changes.join('\n'), abortSignal }),
    );
  } finally {
    await remove(container);
  }
};

const neverAborted = new AbortController().signal;

/** Not to be given up half-way: the engine would create it all the same, and we would not know its name. */
const create = (engine: Engine, order: StageOrder): Promise<Container> =>
  askEngine('creating a container', answerLimitMs, neverAborted, (abortSignal) =>
    engine.createContainer({
      Image: order.parent,
      Entrypoint: [...order.command],
      Cmd: [],
      User: '0:0',
      WorkingDir: '/',
      Labels: { [ownLabel]: imageKinds.building, [processLabel]: processMark() },
      HostConfig: {
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        // Its last words are asked for when it fails.
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
      },
      abortSignal,
    }),
  );

const upload = async (container: Container, files: readonly PackedFile[], signal: AbortSignal): Promise<void> => {
  const broken = new AbortController();
  const archive = pack();
  const writing = writeArchive(archive, files, signal).catch((error: unknown) => {
    // The engine waits for the rest of an archive that does not come.
    broken.abort(error);
    archive.destroy();
    throw error;
  });
  const sending = askEngine('taking files', stepLimitMs, AbortSignal.any([signal, broken.signal]), (abortSignal) =>
    container.putArchive(Readable.from(archive), { path: '/', abortSignal }),
  ).finally(() => archive.destroy());
  const [sent, written] = await Promise.allSettled([sending, writing]);
  // Without a reader there is no writing: the engine's refusal comes first.
  for (const result of [sent, written]) if (result.status === 'rejected') throw result.reason;
};

const run = async (container: Container, signal: AbortSignal): Promise<void> => {
  await askEngine('starting a container', answerLimitMs, signal, (abortSignal) => container.start({ abortSignal }));
  const end: unknown = await askEngine('waiting for a stage', stepLimitMs, signal, (abortSignal) =>
    container.wait({ abortSignal }),
  );
  const { StatusCode } = endSchema.parse(end);
  if (StatusCode === 0) return;
  const words = await lastWords(container, signal);
  throw new InfrastructureError(
    `The stage of an image cannot be made (exit code ${StatusCode}): ${words === '' ? 'it left no words' : words}`,
  );
};

const endSchema = z.object({ StatusCode: z.number() });

const lastWords = async (container: Container, signal: AbortSignal): Promise<string> => {
  const logs = await askEngine('reading last words', answerLimitMs, signal, (abortSignal) =>
    container.logs({ stdout: true, stderr: true, follow: false, tail: 20, abortSignal }),
  );
  return withoutFrames(logs).trim();
};

/** Engine API, "Stream format": eight bytes before each piece, the last four of which are its length. */
const withoutFrames = (logs: Buffer): string => {
  const pieces: Buffer[] = [];
  for (let start = 0; start + 8 <= logs.length;) {
    const end = start + 8 + logs.readUInt32BE(start + 4);
    pieces.push(logs.subarray(start + 8, end));
    start = end;
  }
  return Buffer.concat(pieces).toString();
};

/** Also when we were told to stop; what cannot be removed now is swept later. */
const remove = async (container: Container): Promise<void> => {
  await withinLimit('removing a container', answerLimitMs, (abortSignal) =>
    container.remove({ force: true, v: true, abortSignal }),
  ).catch(() => {});
};
