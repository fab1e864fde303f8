import { statfs } from 'node:fs/promises';
import type { EngineFacts } from './engine-facts.ts';
import type { EngineWord } from './engine-gpus.ts';
import { gigabytes } from './gigabytes.ts';

/** Two CPU images that share their torch, or one with CUDA. */
const enoughBytes = 8e9;

/** BuildKit can be asked for since this API, also where it is not what the engine takes by itself. */
const buildKitApi = 1.39;

/** What kind of engine it is: version, who runs it, how it builds, whether it can hold containers in. */
export const describeEngine = ({
  version,
  apiVersion,
  isPodman,
  info,
  builderVersion,
}: EngineFacts): readonly EngineWord[] => {
  const isRootless = (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless'));
  const builder = builderOf(isPodman, builderVersion, Number(apiVersion));
  const limits = info.MemoryLimit === false || info.PidsLimit === false;
  return [
    {
      says: `${isPodman ? 'Podman' : 'engine'} ${version} (API ${apiVersion}) answers${isRootless ? ', rootless' : ''}`,
    },
    {
      says: `builder ${builder}; cgroup v${info.CgroupVersion ?? '?'}; storage ${info.Driver ?? 'unknown'}`,
      ...(limits ? { remedy: limitsRemedy } : {}),
    },
  ];
};

const limitsRemedy =
  'This engine cannot limit the memory or processes of a container, so cells in containers may take what they like: use cgroup v2 (rootless: with its controllers delegated).';

const builderOf = (isPodman: boolean, builderVersion: string | undefined, api: number): string => {
  if (isPodman) return 'Buildah';
  if (builderVersion === '2') return 'BuildKit';
  return api >= buildKitApi ? 'classic, BuildKit when asked' : 'classic';
};

/** Where images go: room for them, and what to build them on. */
export const describeImages = async (
  { info, images }: EngineFacts,
  isLocal: boolean,
): Promise<readonly EngineWord[]> => {
  const ryuk = images.some((name) => /(^|\/)testcontainers\/ryuk:/.test(name));
  return [
    ...(await roomWord(info.DockerRootDir ?? '', isLocal)),
    baseWord(images),
    { says: `Ryuk is not needed${ryuk ? ' (its image is there)' : ''}` },
  ];
};

const roomWord = async (folder: string, isLocal: boolean): Promise<readonly EngineWord[]> => {
  const stats = isLocal && folder !== '' ? await statfs(folder).catch(() => undefined) : undefined;
  if (stats === undefined) return [];
  const free = stats.bavail * stats.bsize;
  const says = `images in ${folder}: ${gigabytes(free)} free`;
  if (free >= enoughBytes) return [{ says }];
  return [{ says, remedy: 'Images take 2 to 8 GB: free some space (peft-matrix images prune).' }];
};

const baseNames = /^(docker\.io\/library\/)?(python:3\.\d+-slim|peft-matrix\/base:.+)$/;

const baseWord = (images: readonly string[]): EngineWord => {
  const bases = images.filter((name) => baseNames.test(name)).toSorted();
  if (bases.length > 0) return { says: `base images: ${bases.join(', ')}` };
  return {
    says: 'base images: none; python:3.11-slim is pulled when it is needed, or `npm run base-image` makes one without a registry',
  };
};
