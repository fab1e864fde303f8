import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import * as z from 'zod';
import { defaultLimits, type ContainerLimits } from '../../containers/docker/limits.ts';
import type { Executor } from '../../containers/executor.ts';
import type { GpuSettings } from '../../containers/gpu/gpu-access.ts';
import { parseGpus } from '../../containers/gpu/gpu-request.ts';
import { localExecutor } from '../../containers/local/local-executor.ts';
import { InputError } from '../../matrices/errors.ts';
import type { ExecutorKind } from '../failure-record.ts';
import { integerOption, numberOption } from './command.ts';

/** Where cells run; what is not given is as it is by default. */
export interface ExecutorFlags {
  readonly executor?: ExecutorKind;
  readonly gpus?: string;
  readonly gpuMemory?: number;
  readonly shareGpus?: true;
  readonly baseImage?: string;
  readonly memory?: number;
  readonly pids?: number;
  readonly cpus?: number;
  readonly shm?: number;
  readonly engineWait?: number;
}

/** Adds `--executor` and what it runs cells with. */
export const withExecutorOptions = <C extends CommandUnknownOpts>(command: C): C => {
  command
    .addOption(new Option('--executor <kind>', 'where cells run').choices(['local', 'docker']))
    .option('--gpus <which>', 'GPUs of pins with device: cuda: all, a number, or UUIDs (default all)')
    .option('--gpu-memory <GiB>', 'memory that a GPU has to have free before a cell starts (default 2)', numberOption)
    .option('--share-gpus', 'let several cells use one GPU at the same time')
    .addOption(baseImageOption())
    .option('--memory <GiB>', `memory of a container (default ${defaultLimits.memoryBytes / gib})`, numberOption)
    .option('--pids <number>', `processes and threads of a container (default ${defaultLimits.pids})`, integerOption)
    .option('--cpus <number>', 'cores that a container may use (default all)', numberOption)
    .option('--shm <GiB>', `shared memory of a container (default ${defaultLimits.shmBytes / gib})`, numberOption)
    .option('--engine-wait <seconds>', 'how long to wait for an engine that goes away (default 120)', numberOption);
  return command;
};

/** `--base-image`, of every command that needs images. */
export const baseImageOption = (): Option<'--base-image <image>'> =>
  new Option('--base-image <image>', `image to build on (default ${defaultBaseImage})`).env('PEFT_MATRIX_BASE_IMAGE');

/** @throws {InputError} When there can be no image of that name. */
export const checkedBaseImage = (image: string = defaultBaseImage): string => {
  const placeholder = /\{(?!python\})[^}]*\}?/.exec(image)?.[0];
  if (placeholder !== undefined) {
    throw new InputError(`--base-image ${image}: ${placeholder} stands for nothing. Allowed: {python}`);
  }
  if (imageName.test(image.replaceAll('{python}', '3.11'))) return image;
  throw new InputError(`--base-image ${image}: this is no name of an image. Expected one such as ${defaultBaseImage}`);
};

/** `[registry[:port]/]name[:tag][@digest]`, names in lower case. */
const imageName =
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z\d]+(?:[._/-]+[a-z\d]+)*(?::\w[\w.-]{0,127})?(?:@[a-z\d]+:[a-f\d]{32,})?$/;

/** `{python}` stands for the Python of the pin, such as 3.11. */
export const defaultBaseImage = 'python:{python}-slim';

/**
 * The executor that the flags ask for. Docker's is loaded only where it is wanted: that takes half a second.
 *
 * @throws InputError when a setting makes no sense, or is for containers where there are none.
 */
export const executorOf = async (flags: ExecutorFlags): Promise<Executor> => {
  const { executor = 'local' } = flags;
  const settings = checked(flags);
  const gpus = gpuSettings(flags);
  if (executor === 'local') {
    const given = forContainers.find((name) => settings[name] !== undefined);
    if (given !== undefined) throw new InputError(`${flagOf(given)} is for containers: use it with --executor docker`);
    return localExecutor(gpus);
  }
  const baseImage = checkedBaseImage(flags.baseImage);
  const { dockerExecutor } = await import('../../containers/docker/docker-executor.ts');
  return dockerExecutor({
    baseImage,
    gpus,
    limits: containerLimits(settings),
    awayLimitMs: (settings.engineWait ?? 120) * 1000,
  });
};

const gib = 1024 ** 3;
const forContainers = ['memory', 'pids', 'cpus', 'shm', 'engineWait'] as const;

const settingsSchema = z.object({
  gpuMemory: z.number().min(0).max(100_000).optional(),
  // Less than this, and not even torch can be imported.
  memory: z.number().min(0.5).max(100_000).optional(),
  pids: z.int().min(16).max(1_000_000).optional(),
  cpus: z.number().min(0.1).max(10_000).optional(),
  shm: z.number().min(0.01).max(100_000).optional(),
  engineWait: z.number().min(0).max(86_400).optional(),
});
type Settings = z.infer<typeof settingsSchema>;

const allowed: Readonly<Record<keyof Settings, string>> = {
  gpuMemory: 'a number of GiB from 0',
  memory: 'a number of GiB from 0.5',
  pids: 'a whole number from 16',
  cpus: 'a number of cores from 0.1',
  shm: 'a number of GiB from 0.01',
  engineWait: 'a number of seconds from 0 to 86400',
};

const checked = (flags: ExecutorFlags): Settings => {
  const parsed = settingsSchema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]));
  const names = settingsSchema.keyof().options.filter((name) => wrong.has(name));
  throw new InputError(
    names.map((name) => `${flagOf(name)} ${flags[name]} is not allowed. Allowed: ${allowed[name]}`).join('\n'),
  );
};

/** `gpuMemory` is `--gpu-memory`. */
const flagOf = (name: keyof Settings): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const gpuSettings = ({ gpus = 'all', gpuMemory, shareGpus }: ExecutorFlags): GpuSettings => ({
  request: parseGpus(gpus),
  leases: { shared: shareGpus === true, ...(gpuMemory === undefined ? {} : { leastFreeBytes: gpuMemory * gib }) },
});

const containerLimits = ({ memory, pids, cpus, shm }: Settings): ContainerLimits => ({
  ...defaultLimits,
  ...(memory === undefined ? {} : { memoryBytes: Math.round(memory * gib) }),
  ...(pids === undefined ? {} : { pids }),
  ...(cpus === undefined ? {} : { cpus }),
  ...(shm === undefined ? {} : { shmBytes: Math.round(shm * gib) }),
});
