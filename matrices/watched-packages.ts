import type { ResolvedPin } from './pin.ts';

/** Packages whose versions are part of every cell's key: `WATCHED` in the probe's `libraries.py`. */
export const watchedPackages: ReadonlySet<string> = new Set([
  'torch',
  'peft',
  'transformers',
  'accelerate',
  'numpy',
  'safetensors',
  'bitsandbytes',
  'deepspeed',
  'triton',
  'torchao',
]);

/** What the environment of a pin has to tell beside the watched packages: what the pin asks for, and the package of a tree. */
export const furtherPackages = ({ source, watch = [] }: Pick<ResolvedPin, 'source' | 'watch'>): readonly string[] =>
  [...new Set([...watch, ...(source.kind === 'tree' ? [source.package] : [])])]
    .filter((name) => !watchedPackages.has(name))
    .toSorted();
