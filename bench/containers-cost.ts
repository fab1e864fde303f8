import { isDeepStrictEqual } from 'node:util';
import { dockerExecutor } from '../containers/docker/docker-executor.ts';
import { connectEngine, type Engine } from '../containers/docker/engine.ts';
import { ensureImage } from '../containers/docker/images/ensure-image.ts';
import { defaultLimits } from '../containers/docker/limits.ts';
import type { Executor, OpenPin } from '../containers/executor.ts';
import { everyGpu } from '../containers/gpu/gpu-access.ts';
import { localExecutor } from '../containers/local/local-executor.ts';
import { defaultBaseImage } from '../harness/commands/executor-options.ts';
import { neverAborted } from '../harness/interruption.ts';
import { preparePins } from '../harness/prepare-pins.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { loadMatrix } from '../matrices/matrix.ts';
import type { Lock, ResolvedPin } from '../matrices/pin.ts';
import { otherCells, parallel, targetCell } from './bench-cells.ts';
import { quickMatrix, type BenchPin } from './bench-pin.ts';
import { interleave, side, summaryOf } from './interleave.ts';
import { say } from './say.ts';
import { inSeconds, markdownTable, megabytes, seconds, times, type Section, type Target } from './section.ts';
import { observe, timeServed } from './served-cells.ts';

/** A container may take so many times what a local environment takes: to its handshake, and for a cell. */
const limits = { handshake: 1.5, cell: 1.15 };
/** An image with the same torch as another may take so long to build, and have so much of its own. */
const secondImage = { ms: 10_000, bytes: 50e6 };

const batch = 6 * parallel;
const baseImage = process.env['PEFT_MATRIX_BASE_IMAGE'] ?? defaultBaseImage;
const telling = { onStep: say, onWarning: say };

/** What containers cost, beside local environments. Without an engine it says so. */
export const measureContainers = async (bench: BenchPin, rounds: number): Promise<Section> => {
  const title = 'Containers, and local environments';
  const engine = await connectEngine().catch(() => undefined);
  if (engine === undefined)
    return { title, text: 'Not measured: no container engine answers.', table: '', targets: [] };
  const docker = dockerExecutor({ baseImage, limits: defaultLimits, gpus: everyGpu, awayLimitMs: 0 });
  const rows: string[][] = [];
  const targets: Target[] = [];
  const add = (what: string, { inContainer, local }: Compared, limit: number): void => {
    const ratio = inContainer.median / local.median;
    rows.push([what, seconds(inContainer), seconds(local), times(ratio)]);
    targets.push({ what: `${what}: container / local`, got: times(ratio), want: `<= ${limit}`, met: ratio <= limit });
  };
  add('to the handshake', await compareHandshakes(bench, docker, rounds), limits.handshake);
  for (const cell of [targetCell(bench), ...otherCells(bench)]) {
    add(cell.name, await compareCells(bench, docker, cell.request, rounds), limits.cell);
  }
  const image = await buildSecondImage(engine);
  targets.push(
    { what: 'second image: time', got: `${inSeconds(image.ms)} s`, want: '<= 10 s', met: image.ms <= secondImage.ms },
    {
      what: 'second image: size of its own',
      got: megabytes(image.bytes),
      want: '<= 50 MB',
      met: image.bytes <= secondImage.bytes,
    },
  );
  return {
    title,
    text: [
      'The same lock as an image and as an environment, both there already; handshakes one after the other, then',
      `${parallel} cells at once on both sides, ${batch} cells a side and round, ${rounds} rounds in turn after one that does not count.`,
      `A second image with the same torch, PEFT ${image.peft} beside ${image.besides}: ${inSeconds(image.ms)} s, ${megabytes(image.bytes)} of its own.`,
    ].join('\n'),
    table: markdownTable(['', 'container', 'local', 'container / local'], rows),
    targets,
  };
};

interface Compared {
  readonly inContainer: ReturnType<typeof summaryOf>;
  readonly local: ReturnType<typeof summaryOf>;
}

const openPin = async (executor: Executor, pin: ResolvedPin): Promise<OpenPin> => {
  const opened = await executor.open(pin, { cold: false, hashSeed: 0, onStep: () => {}, onWarning: say }, neverAborted);
  if (opened.kind === 'open') return opened.pin;
  throw new InfrastructureError(opened.kind === 'import-failed' ? opened.failure.message : opened.reason);
};

const compareHandshakes = async ({ pin }: BenchPin, docker: Executor, rounds: number): Promise<Compared> => {
  const handshake = (executor: Executor) => async (): Promise<number> => {
    const began = performance.now();
    await using opened = await openPin(executor, pin);
    void opened;
    return performance.now() - began;
  };
  return compare('handshake', handshake(docker), handshake(localExecutor()), rounds);
};

const compareCells = async (
  { pin }: BenchPin,
  docker: Executor,
  request: Parameters<OpenPin['run']>[0],
  rounds: number,
): Promise<Compared> => {
  await using inContainer = await openPin(docker, pin);
  await using local = await openPin(localExecutor(), pin);
  const [here, there] = [await observe(local, request), await observe(inContainer, request)];
  if (!isDeepStrictEqual(here.losses, there.losses)) throw new InfrastructureError('the two sides show other losses');
  const work = (opened: OpenPin) => (): Promise<number> =>
    timeServed(opened, request, { cells: batch, atOnce: parallel });
  // Awaited here: both are closed when this function returns.
  return await compare('cell', work(inContainer), work(local), rounds);
};

const compare = async (
  what: string,
  ofContainer: () => Promise<number>,
  ofLocal: () => Promise<number>,
  rounds: number,
): Promise<Compared> => {
  const [inContainer, local] = [side(ofContainer), side(ofLocal)];
  await interleave([inContainer, local], rounds, (round) => say(`containers: ${what}: round ${round} of ${rounds}`));
  return { inContainer: summaryOf(inContainer), local: summaryOf(local) };
};

/** The image of the second pin of the default matrix, built anew beside that of the first. */
const buildSecondImage = async (
  engine: Engine,
): Promise<{ readonly ms: number; readonly bytes: number; readonly peft: string; readonly besides: string }> => {
  const [first, second] = await quickLocks();
  await ensureImage(engine, first, { baseImage }, telling, neverAborted);
  const earlier = await ensureImage(engine, second, { baseImage }, telling, neverAborted);
  await engine.getImage(earlier.tag).remove({ force: true });
  const began = performance.now();
  const { builtBytes } = await ensureImage(engine, second, { baseImage }, telling, neverAborted);
  return {
    ms: performance.now() - began,
    bytes: builtBytes,
    peft: second.packages['peft'] ?? '',
    besides: first.packages['peft'] ?? '',
  };
};

const quickLocks = async (): Promise<readonly [Lock, Lock]> => {
  const matrix = await loadMatrix(quickMatrix, await loadCatalogue());
  const pins = await preparePins(
    { ...matrix, pins: matrix.pins.slice(0, 2) },
    { matrixPath: quickMatrix, resultsPath: '.peft-matrix', onEvent: () => {}, signal: neverAborted },
  );
  const locks = pins.flatMap((pin) =>
    pin.kind === 'resolved' && pin.pin.source.kind === 'lock' ? [pin.pin.source.lock] : [],
  );
  const [first, second] = locks;
  if (first === undefined || second === undefined) throw new InfrastructureError('the default matrix has no two locks');
  return [first, second];
};
