import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { InfrastructureError, InputError } from '../../../matrices/errors.ts';
import type { Engine } from '../engine.ts';
import { followed } from './follow-progress.ts';

/** The Pythons that Debian's releases bring. */
const suites: Readonly<Record<string, string>> = { '3.11': 'bookworm', '3.13': 'trixie' };

const packages = ['python3', 'python3-venv', 'python3-pip', 'ca-certificates'];

/** Packing and unpacking some 300 MB goes on in silence, in milliseconds. */
const silenceMs = 300_000;

export interface BaseImageOptions {
  /** `major.minor`: 3.11 or 3.13. */
  readonly python: string;
  /** Name of the image; `peft-matrix/base:3.11` unless given. */
  readonly tag?: string;
  readonly onStep: (step: string) => void;
  /** What the tool says while it works. */
  readonly onLine: (line: string) => void;
}

/**
 * Makes a base image of Debian packages, for machines that reach a Debian mirror and no registry of images.
 *
 * @returns Its name.
 * @throws InputError for a Python that no suite brings; InfrastructureError with what is missing and how to get it.
 */
export const makeBaseImage = async (
  engine: Engine,
  options: BaseImageOptions,
  signal: AbortSignal,
): Promise<string> => {
  const { python, tag = `peft-matrix/base:${python}`, onStep } = options;
  const suite = suites[python];
  if (suite === undefined) throw unknownPython(python);
  if (process.getuid?.() !== 0) throw new InfrastructureError(`${needs} Run it as root: sudo npm run base-image`);
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-base-'));
  try {
    onStep(`debootstrap ${suite}: Debian with Python ${python}, a minute or two`);
    await bootstrap(suite, folder, options, signal);
    onStep(`importing it as ${tag}`);
    await importFolder(engine, folder, tag, signal);
    return tag;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const needs = 'A base image is made with debootstrap, which makes devices and changes owners.';

const unknownPython = (python: string): InputError =>
  new InputError(
    `No base image can be made for Python ${python}: Debian's releases bring ` +
      `${Object.entries(suites)
        .map(([version, suite]) => `${version} (${suite})`)
        .join(' and ')}. For others, pull python:${python}-slim, or name an image of your own with --base-image.`,
  );

const bootstrap = async (
  suite: string,
  folder: string,
  { onLine }: BaseImageOptions,
  signal: AbortSignal,
): Promise<void> => {
  const child = execa('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, folder], {
    cancelSignal: signal,
    reject: false,
    stdin: 'ignore',
    all: true,
    // It has to know whether a step went well from the tools' words in English.
    env: { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  });
  for await (const line of child.iterable({ from: 'all' })) onLine(line);
  const result = await child;
  signal.throwIfAborted();
  if (!result.failed) return;
  if (result.code === 'ENOENT') {
    throw new InfrastructureError(
      'debootstrap is not installed: apt-get install debootstrap. Elsewhere than on Debian and Ubuntu, pull a base image.',
    );
  }
  throw new InfrastructureError(
    `debootstrap ${suite} failed:\n${(result.all ?? '').split('\n').slice(-10).join('\n')}`,
  );
};

/** What only the making needed. */
const leftOut = ['./var/cache/apt/archives/*.deb', './var/lib/apt/lists/*', './var/log/*', './proc/*', './sys/*'];

const importFolder = async (engine: Engine, folder: string, tag: string, signal: AbortSignal): Promise<void> => {
  const [repo, name] = tag.split(':');
  const flags = ['--numeric-owner', '--one-file-system', ...leftOut.map((pattern) => `--exclude=${pattern}`)];
  const tar = execa('tar', ['-C', folder, ...flags, '-c', '.'], { reject: false, buffer: false, cancelSignal: signal });
  const broken = new AbortController();
  // This stream ends with the program, and only if that went well: half an archive must not become an image.
  const archive = tar.readable().on('error', (error) => {
    broken.abort(new InfrastructureError(`The base image cannot be packed: ${error.message}`));
  });
  await followed(`importing ${tag}`, silenceMs, AbortSignal.any([signal, broken.signal]), (abortSignal) =>
    engine.importImage(archive, { repo, tag: name, abortSignal }),
  );
};
