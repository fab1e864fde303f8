import { lt } from '@renovatebot/pep440';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { LockRequest } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { Telling } from '../telling.ts';
import { cacheSubfolder } from './cache-folder.ts';
import { searchInterpreter } from './interpreters.ts';
import { resolverTarget } from './platform.ts';
import { toolWords } from './tool-words.ts';
import { sharedUv, type Uv } from './uv.ts';

/**
 * Resolves a request to exact versions, as of its date, wheels only.
 *
 * The result depends on the request and the package index, not on this machine: the platform is the lock's, a day ends
 * at midnight UTC, and a local CPU build of torch counts as the release that it was built from.
 *
 * @throws InfrastructureError with the resolver's own words.
 */
export const resolveLock = async (request: LockRequest, telling: Telling, signal: AbortSignal): Promise<Lock> => {
  const uv = await sharedUv(telling, signal);
  telling.onStep('resolving');
  const requirements = { ...baseRequirements, ...request.requirements };
  const packages = await compile(uv, request, requirements, signal);
  if (!needsOldNumpy(packages) || requirements['numpy'] !== undefined) return toLock(request, packages);
  return toLock(request, await compile(uv, request, { ...requirements, numpy: '<2' }, signal));
};

/** Packages that only carry torch's accelerator libraries; which ones a torch wants depends on its build. */
export const isAcceleratorPackage = (name: string): boolean => /^(?:nvidia-|cuda-|(?:pytorch-)?triton$)/.test(name);

/** setuptools: older torch imports it without asking for it. */
const baseRequirements: Readonly<Record<string, string>> = {
  peft: '',
  torch: '',
  transformers: '',
  accelerate: '',
  setuptools: '',
};

const compile = async (
  uv: Uv,
  request: LockRequest,
  requirements: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> => {
  const { python, platform, device, asOf } = request;
  // uv looks on PATH alone, and says so at length when it finds another version there.
  const { interpreter } = await searchInterpreter(python, uv.variables, signal);
  const flags = [
    ['--python-version', python],
    ['--python-platform', resolverTarget(platform)],
    ['--only-binary', ':all:'],
    ['--no-header', '--no-annotate', '--quiet'],
    interpreter === undefined ? [] : ['--python', interpreter.path],
    asOf === undefined ? [] : ['--exclude-newer', firstMomentAfter(asOf)],
  ].flat();
  const result = await uv.run(
    ['pip', 'compile', '-', ...flags],
    {
      input: Object.entries(requirements)
        .map(([name, range]) => `${name}${range}\n`)
        .join(''),
      // No project's settings apply here.
      cwd: await cacheSubfolder(uv.variables),
      // A folder with CPU builds would hide what a CUDA build of torch wants; and no file in a folder says since when it is out,
      // so that the resolver takes the youngest for any day.
      ...(device === 'cuda' || asOf !== undefined ? { variables: { UV_FIND_LINKS: undefined } } : {}),
    },
    signal,
  );
  if (result.ok) return parseCompiled(result.stdout);
  throw new InfrastructureError(`No set of packages answers ${describe(request)}:\n${toolWords(result.stderr)}`);
};

/** numpy 2 came in the middle of torch 2.3's life, whose predecessors do not work with it and do not say so. */
const needsOldNumpy = ({ torch, numpy }: Readonly<Record<string, string>>): boolean =>
  torch !== undefined && numpy !== undefined && lt(torch, '2.3.0') && !lt(numpy, '2.0.0');

const toLock = (request: LockRequest, packages: Readonly<Record<string, string>>): Lock => {
  const { python, device, platform, asOf } = request;
  const kept = Object.entries(packages)
    .filter(([name]) => device !== 'cpu' || !isAcceleratorPackage(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return { python, device, platform, ...(asOf === undefined ? {} : { asOf }), packages: Object.fromEntries(kept) };
};

/** The resolver excludes what is as young as its date or younger; what came at the moment or on the day itself is ours. */
const firstMomentAfter = (asOf: string): string => {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(asOf);
  const moment = new Date(isDay ? `${asOf}T00:00:00Z` : asOf).getTime();
  const next = isDay ? moment + 86_400_000 : (Math.floor(moment / 1000) + 1) * 1000;
  return new Date(next).toISOString().replace('.000Z', 'Z');
};

const parseCompiled = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => /^(?<name>[\w.-]+)==(?<version>[^\s;+]+)/.exec(line)?.groups)
      .filter((groups) => groups !== undefined)
      .map(({ name = '', version = '' }) => [name, version]),
  );

const describe = ({ requirements, python, platform, asOf }: LockRequest): string => {
  const wanted = Object.entries(requirements).map(([name, range]) => `${name}${range}`);
  const day = asOf === undefined ? '' : ` as of ${asOf}`;
  return `${[...wanted, `Python ${python}`].join(', ')} on ${platform}${day}`;
};
