import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { Lock } from '../../matrices/pin.ts';
import { storageError, storageTrouble } from './cache-folder.ts';
import type { CommandResult } from './run-command.ts';
import { toolWords } from './tool-words.ts';
import type { Uv } from './uv.ts';

/** Where packages go. */
export interface Place {
  /** The environment, or the folder that has the packages below it. */
  readonly folder: string;
  /** How the installer is told of it, and of the Python and platform that it is for. */
  readonly flags: readonly string[];
}

/** A virtual environment of this machine. */
export const inEnvironment = (folder: string): Place => ({
  folder,
  flags: ['--python', join(folder, 'bin', 'python')],
});

/**
 * Installs everything that a lock names, wheels only: torch first, whose build is this machine's choice, then the rest
 * exactly as locked.
 *
 * @throws InfrastructureError with the installer's own words.
 */
export const installPackages = async (
  uv: Uv,
  place: Place,
  lock: Lock,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { torch, ...rest } = lock.packages;
  if (torch !== undefined) await installTorch({ uv, place, lock, torch, onStep, signal });
  const names = Object.keys(rest);
  if (names.length === 0) return;
  onStep(`installing ${summary(rest)}`);
  const requirements = exactly(rest);
  const result = await install(uv, place, ['--no-deps', '-r', '-'], requirements, signal);
  if (!result.ok) throw installError(place, 'The packages of the lock', result.stderr);
};

/** The one that people know, and how many more. */
const summary = (packages: Readonly<Record<string, string>>): string => {
  const total = Object.keys(packages).length;
  const known = ['peft', 'transformers'].find((name) => Object.hasOwn(packages, name));
  if (known === undefined) return `${total} packages`;
  return `${known} ${packages[known] ?? ''}${total === 1 ? '' : ` and ${total - 1} packages`}`;
};

interface TorchInstallation {
  readonly uv: Uv;
  readonly place: Place;
  readonly lock: Lock;
  readonly torch: string;
  readonly onStep: (step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * On a CPU: a CPU wheel of a find-links folder, else one of the index for CPU builds, else whatever the default index
 * has. The last is, on Linux, a CUDA build, which runs without a GPU but brings gigabytes of libraries along.
 */
const installTorch = async (installation: TorchInstallation): Promise<void> => {
  const { uv, place, lock, torch, onStep, signal } = installation;
  onStep(`installing torch ${torch}`);
  if (lock.device === 'cuda') return installPlainTorch(installation);
  const offered = await findCpuWheel(uv, lock, torch);
  if (offered !== undefined) {
    const local = await install(uv, place, ['--no-deps', `torch==${offered}`], '', signal);
    if (local.ok) return;
    failOnStorage(place, local);
  }
  const fromCpuIndex = await install(uv, place, ['--no-deps', '--torch-backend', 'cpu', `torch==${torch}`], '', signal);
  if (fromCpuIndex.ok) return;
  failOnStorage(place, fromCpuIndex);
  onStep(`installing torch ${torch} in its default build: no CPU build is offered`);
  return installPlainTorch(installation);
};

/** Its accelerator libraries come along as it asks for them; everything else is held to the lock. */
const installPlainTorch = async ({ uv, place, lock, torch, signal }: TorchInstallation): Promise<void> => {
  const { torch: _, ...rest } = lock.packages;
  const constraints = join(place.folder, 'constraints.txt');
  await writeFile(constraints, exactly(rest));
  // `===` takes the release itself and no local build of it, such as 2.13.0+cpu.
  const result = await install(uv, place, ['--constraints', constraints, `torch===${torch}`], '', signal);
  if (!result.ok) throw installError(place, `torch ${torch}`, result.stderr);
};

const install = (
  uv: Uv,
  { folder, flags }: Place,
  args: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<CommandResult> => {
  const command = ['pip', 'install', ...flags, '--only-binary', ':all:', '--quiet', ...args];
  return uv.run(command, { cwd: folder, input }, signal);
};

const exactly = (packages: Readonly<Record<string, string>>): string =>
  Object.entries(packages)
    .map(([name, version]) => `${name}==${version}\n`)
    .join('');

/** The version, with its local part, of a CPU wheel of torch that a find-links folder of this machine has. */
const findCpuWheel = async (uv: Uv, lock: Lock, torch: string): Promise<string | undefined> => {
  const tag = `cp${lock.python.replace('.', '')}`;
  const folders = (uv.variables['UV_FIND_LINKS'] ?? '').split(',').filter((folder) => !/^https?:/.test(folder));
  for (const folder of folders) {
    const path = folder.startsWith('file://') ? fileURLToPath(folder) : folder;
    const names = await readdir(path).catch(() => []);
    const wheel = names.find((name) => name.startsWith(`torch-${torch}+cpu`) && name.includes(`-${tag}-`));
    if (wheel !== undefined) return wheel.split('-')[1];
  }
  return undefined;
};

const failOnStorage = ({ folder }: Place, { stderr }: CommandResult): void => {
  if (storageTrouble(stderr) !== undefined) throw storageError(dirname(folder), toolWords(stderr));
};

const installError = ({ folder }: Place, what: string, words: string): InfrastructureError =>
  storageTrouble(words) === undefined
    ? new InfrastructureError(`${what} cannot be installed:\n${toolWords(words)}`)
    : storageError(dirname(folder), toolWords(words));
