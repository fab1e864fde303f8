import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { Lock } from '../../matrices/pin.ts';
import { storageError, storageTrouble } from './cache-folder.ts';
import type { CommandResult } from './run-command.ts';
import { toolWords } from './tool-words.ts';
import type { Uv } from './uv.ts';

/**
 * Installs everything that a lock names into an environment, wheels only: torch first, whose build is this machine's
 * choice, then the rest exactly as locked.
 *
 * @throws InfrastructureError with the installer's own words.
 */
export const installPackages = async (
  uv: Uv,
  environment: string,
  lock: Lock,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { torch, ...rest } = lock.packages;
  if (torch !== undefined) await installTorch({ uv, environment, lock, torch, onStep, signal });
  const names = Object.keys(rest);
  if (names.length === 0) return;
  onStep(
    torch === undefined
      ? `installing ${names.length} packages`
      : `installing peft ${rest['peft'] ?? ''} and ${names.length - 1} packages`,
  );
  const requirements = exactly(rest);
  const result = await install(uv, environment, ['--no-deps', '-r', '-'], requirements, signal);
  if (!result.ok) throw installError(environment, 'The packages of the lock', result.stderr);
};

interface TorchInstallation {
  readonly uv: Uv;
  readonly environment: string;
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
  const { uv, environment, lock, torch, onStep, signal } = installation;
  onStep(`installing torch ${torch}`);
  if (lock.device === 'cuda') return installPlainTorch(installation);
  const offered = await findCpuWheel(uv, lock, torch);
  if (offered !== undefined) {
    const local = await install(uv, environment, ['--no-deps', `torch==${offered}`], '', signal);
    if (local.ok) return;
    failOnStorage(environment, local);
  }
  const fromCpuIndex = await install(
    uv,
    environment,
    ['--no-deps', '--torch-backend', 'cpu', `torch==${torch}`],
    '',
    signal,
  );
  if (fromCpuIndex.ok) return;
  failOnStorage(environment, fromCpuIndex);
  onStep(`installing torch ${torch} in its default build: no CPU build is offered`);
  return installPlainTorch(installation);
};

/** Its accelerator libraries come along as it asks for them; everything else is held to the lock. */
const installPlainTorch = async ({ uv, environment, lock, torch, signal }: TorchInstallation): Promise<void> => {
  const { torch: _, ...rest } = lock.packages;
  const constraints = join(environment, 'constraints.txt');
  await writeFile(constraints, exactly(rest));
  // `===` takes the release itself and no local build of it, such as 2.13.0+cpu.
  const result = await install(uv, environment, ['--constraints', constraints, `torch===${torch}`], '', signal);
  if (!result.ok) throw installError(environment, `torch ${torch}`, result.stderr);
};

const install = (
  uv: Uv,
  environment: string,
  args: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<CommandResult> => {
  const python = join(environment, 'bin', 'python');
  const flags = ['--python', python, '--only-binary', ':all:', '--quiet'];
  return uv.run(['pip', 'install', ...flags, ...args], { cwd: environment, input }, signal);
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

const failOnStorage = (environment: string, { stderr }: CommandResult): void => {
  if (storageTrouble(stderr) !== undefined) throw storageError(dirname(environment), toolWords(stderr));
};

const installError = (environment: string, what: string, words: string): InfrastructureError =>
  storageTrouble(words) === undefined
    ? new InfrastructureError(`${what} cannot be installed:\n${toolWords(words)}`)
    : storageError(dirname(environment), toolWords(words));
