import { InfrastructureError } from '../../matrices/errors.ts';

/** Platform of a lock to what the resolver calls it. The glibc is fixed, so that every machine resolves the same. */
const targets: Readonly<Record<string, string>> = {
  'linux-x86_64': 'x86_64-manylinux_2_28',
  'linux-aarch64': 'aarch64-manylinux_2_28',
  'macos-aarch64': 'aarch64-apple-darwin',
  'macos-x86_64': 'x86_64-apple-darwin',
};

const systems: Readonly<Partial<Record<NodeJS.Platform, string>>> = { linux: 'linux', darwin: 'macos' };
const machines: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: 'x86_64', arm64: 'aarch64' };

/** The platform that this machine runs locks of, e.g. `linux-x86_64`. Throws `InfrastructureError` elsewhere. */
export const hostPlatform = (system: NodeJS.Platform = process.platform, machine = process.arch): string => {
  const platform = `${systems[system] ?? system}-${machines[machine] ?? machine}`;
  resolverTarget(platform);
  return platform;
};

/** What the resolver calls a platform. Throws `InfrastructureError` when we know no name for it. */
export const resolverTarget = (platform: string): string => {
  const target = targets[platform];
  if (target !== undefined) return target;
  throw new InfrastructureError(
    `No environments can be made for the platform ${platform}. Known are ${Object.keys(targets).join(', ')}. ` +
      'Elsewhere, name an environment that exists already: pins: [{ interpreter: path/to/python }]',
  );
};
