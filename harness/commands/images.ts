import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Engine } from '../../containers/docker/engine.ts';
import type { LockImage } from '../../containers/docker/images/ensure-image.ts';
import type { StoredImage } from '../../containers/docker/images/stored-images.ts';
import type { Telling } from '../../containers/telling.ts';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import { loadMatrix } from '../../matrices/matrix.ts';
import type { Lock } from '../../matrices/pin.ts';
import { interruptible } from '../interruption.ts';
import { preparePins, type PreparedPin } from '../prepare-pins.ts';
import { ResultsFolder } from '../results-folder.ts';
import { defaultMatrix, msPerDay, numberOption, print, resultsOption, type Finish } from './command.ts';
import { baseImageOption, checkedBaseImage } from './executor-options.ts';

const bytesPerMegabyte = 1e6;
/** `peft-matrix images build|list|prune`: the images that containers are started from. */
export const imagesCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('images')
    .description('build, list and prune the images that `run --executor docker` starts containers from')
    .addCommand(buildCommand(finish))
    .addCommand(listCommand())
    .addCommand(pruneCommand());

const buildCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('build')
    .description("build an image for every lock of a matrix's pins; what is there is used")
    .addArgument(new Argument('[matrix]', 'matrix file').default(...defaultMatrix))
    .addOption(baseImageOption())
    .option(...resultsOption)
    .action(async (path, { baseImage: given, results }) => {
      const baseImage = checkedBaseImage(given);
      using interruption = interruptibleAtOnce();
      const matrix = await loadMatrix(path, await loadCatalogue());
      const engine = await connect();
      const folder = new ResultsFolder(results);
      await folder.create();
      const pins = await preparePins(matrix, {
        matrixPath: path,
        resultsPath: folder.path,
        signal: interruption.signal,
        onEvent: (event) => {
          if (event.kind === 'pin-step') say(`${event.pin}: ${event.step}`);
          if (event.kind === 'warning') say(`warning: ${event.message}`);
        },
      });
      const built: boolean[] = [];
      for (const pin of pins) built.push(await buildPin(engine, pin, baseImage, interruption.signal));
      if (built.includes(false)) finish(3);
    });

/** Builds the image of a pin; false when it cannot be had. One that cannot be had does not keep the others. */
const buildPin = async (
  engine: Engine,
  prepared: PreparedPin,
  baseImage: string,
  signal: AbortSignal,
): Promise<boolean> => {
  if (prepared.kind === 'broken') {
    say(`${prepared.id}: ${prepared.reason}`);
    return false;
  }
  const { id, source } = prepared.pin;
  if (source.kind === 'interpreter') {
    say(`${id}: an interpreter of this machine is in no image`);
    return true;
  }
  if (source.kind === 'tree') {
    say(`${id}: a source tree is in no image`);
    return true;
  }
  try {
    await buildLock(engine, id, source.lock, baseImage, signal);
    return true;
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    say(`${id}: ${error.message}`);
    return false;
  }
};

const buildLock = async (
  engine: Engine,
  pin: string,
  lock: Lock,
  baseImage: string,
  signal: AbortSignal,
): Promise<void> => {
  const { ensureImage } = await import('../../containers/docker/images/ensure-image.ts');
  const beganAt = performance.now();
  const image = await ensureImage(engine, lock, { baseImage }, tellingOf(pin), signal);
  print(describeBuilt(pin, image, (performance.now() - beganAt) / 1000));
};

const describeBuilt = (pin: string, { tag, sizeBytes, builtBytes }: LockImage, seconds: number): string => {
  const news = builtBytes === 0 ? 'there already' : `${megabytes(builtBytes)} new`;
  return `${pin}  ${tag}  ${megabytes(sizeBytes)}, ${news}  ${seconds.toFixed(1)} s`;
};

const listCommand = (): CommandUnknownOpts =>
  new Command('list')
    .description('every image of a lock, most recently used first')
    .option('--json', 'as JSON')
    .action(async ({ json }) => {
      using interruption = interruptibleAtOnce();
      const { takeStock } = await import('../../containers/docker/images/stored-images.ts');
      const { images } = await takeStock(await connect(), interruption.signal);
      if (json === true) print(JSON.stringify(images, null, 2));
      else print(images.length === 0 ? 'No images.' : images.map(describe).join('\n'));
    });

const pruneCommand = (): CommandUnknownOpts =>
  new Command('prune')
    .description('remove images, and the stages that none of the others needs; those with a container stay')
    .option('--all', 'every image')
    .option('--days <number>', 'those not used for so many days', numberOption)
    .action(async ({ all, days }) => {
      if (all !== true && days === undefined) {
        throw new InputError('images prune: say what to remove: --all or --days N');
      }
      if (days !== undefined && days < 0) throw new InputError(`images prune: --days ${days} is not 0 or more`);
      using interruption = interruptibleAtOnce();
      const { pruneImages } = await import('../../containers/docker/images/prune-images.ts');
      const { removed, kept, stages } = await pruneImages(
        await connect(),
        { all: all === true, ...(days === undefined ? {} : { unusedForMs: days * msPerDay }) },
        { onStep: say, onWarning: say },
        interruption.signal,
      );
      for (const image of removed) print(`removed ${describe(image)}`);
      for (const image of kept) print(`kept, in use: ${describe(image)}`);
      for (const { name, tag, id, sizeBytes } of stages) {
        print(`removed the stage ${name}, which no image needs any more: ${tag ?? id}  ${megabytes(sizeBytes)}`);
      }
      if (removed.length + kept.length + stages.length === 0) print('Nothing to remove.');
    });

const describe = ({ tag, id, packages, python, base, ...image }: StoredImage): string => {
  const { peft = '-', torch = '-', transformers = '-' } = packages;
  const size = `${megabytes(image.sizeBytes)}, ${megabytes(image.ownBytes)} its own`;
  const use = image.inUse ? 'in use' : `last used ${image.lastUsedAt.slice(0, 10)}`;
  const versions = `peft ${peft}  torch ${torch}  transformers ${transformers}  python ${python}`;
  return `${tag ?? id}  ${versions}  on ${base}  ${size}  ${use}`;
};

const megabytes = (bytes: number): string => `${Math.round(bytes / bytesPerMegabyte)} MB`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const tellingOf = (pin: string): Telling => ({
  onStep: (step) => say(`${pin}: ${step}`),
  onWarning: (message) => say(`warning: ${message}`),
});

/**
 * The engine, without what killed processes left in it. What talks to engines is loaded only where it is wanted: that
 * takes half a second.
 */
const connect = async (): Promise<Engine> => {
  const { connectEngine } = await import('../../containers/docker/engine.ts');
  const { sweepContainers } = await import('../../containers/docker/sweep-containers.ts');
  const engine = await connectEngine();
  await sweepContainers(engine, (message) => say(`warning: ${message}`));
  return engine;
};

/** There is nothing to finish here: the first Ctrl-C ends what is running. */
const interruptibleAtOnce = (): Disposable & { readonly signal: AbortSignal } => {
  const interruption = interruptible(() => {});
  return { signal: interruption.stop, [Symbol.dispose]: () => interruption[Symbol.dispose]() };
};
