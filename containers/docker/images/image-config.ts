import type { ImageInspectInfo } from 'dockerode';
import * as z from 'zod';
import { lockId } from '../../../matrices/lock.ts';
import type { Lock } from '../../../matrices/pin.ts';
import type { Distribution } from './distributions.ts';
import { imageLabels, kindLabels } from './image-labels.ts';
import { imagePython } from './stage-files.ts';
import type { Stage } from './stages.ts';

/** What the image of a lock is made from. */
export interface Origin {
  readonly lock: Lock;
  readonly base: { readonly reference: string; readonly id: string };
  readonly recipe: string;
}

/** Name to version of everything that is installed. */
type Packages = Readonly<Record<string, string>>;

/** What is installed once a stage is done: what its parent says that it has, and what the stage adds. */
export const packagesOf = (
  parent: ImageInspectInfo,
  stage: Stage,
  distributions: readonly Distribution[],
): Packages => {
  const own = distributions
    .filter(({ name }) => stage.holds(name))
    .map(({ name, version }) => [name, version] as const);
  const all = Object.entries({ ...readPackages(parent.Config.Labels), ...Object.fromEntries(own) });
  return Object.fromEntries(all.toSorted(([left], [right]) => (left < right ? -1 : 1)));
};

/** The packages that an image says that it has; none when it is not one of ours. */
export const readPackages = (labels: Readonly<Record<string, string>> | null | undefined): Packages =>
  packagesSchema.parse(JSON.parse(labels?.[imageLabels.packages] ?? '{}'));

const packagesSchema = z.record(z.string(), z.string());

/** How a stage's image differs from the container that it is made of, as lines of a Dockerfile. */
export const changesOf = (origin: Origin, stage: Stage, parentId: string, packages: Packages): readonly string[] => [
  ...Object.entries(labelsOf(origin, stage, parentId, packages)).map(
    ([name, value]) => `LABEL ${name}=${quoted(value)}`,
  ),
  ...Object.entries(variables).map(([name, value]) => `ENV ${name}=${quoted(value)}`),
  'WORKDIR /',
  // Its root is read-only, and nobody may write anywhere but to /tmp.
  'USER 65534:65534',
  `ENTRYPOINT ${JSON.stringify(stage.isLast ? [imagePython, '-m', 'peft_matrix_probe'] : [imagePython])}`,
  'CMD []',
];

const variables: Readonly<Record<string, string>> = {
  LANG: 'C.UTF-8',
  HOME: '/tmp',
  TMPDIR: '/tmp',
  // Everything is compiled, and the root is read-only.
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUNBUFFERED: '1',
};

const labelsOf = (
  { lock, base, recipe }: Origin,
  stage: Stage,
  parentId: string,
  packages: Packages,
): Readonly<Record<string, string>> => ({
  ...kindLabels(stage.isLast),
  [imageLabels.python]: lock.python,
  [imageLabels.device]: lock.device,
  [imageLabels.platform]: lock.platform,
  [imageLabels.stage]: stage.name,
  [imageLabels.parent]: parentId,
  [imageLabels.base]: base.reference,
  [imageLabels.baseId]: base.id,
  [imageLabels.recipe]: recipe,
  [imageLabels.packages]: JSON.stringify(packages),
  ...(stage.isLast ? { [imageLabels.lock]: lockId(lock), ...titles(lock) } : {}),
});

const titles = ({ packages, python, device }: Lock): Readonly<Record<string, string>> => ({
  'org.opencontainers.image.title': 'peft-matrix',
  'org.opencontainers.image.description':
    `PEFT ${packages['peft'] ?? '-'}, torch ${packages['torch'] ?? '-'} (${device}), ` +
    `transformers ${packages['transformers'] ?? '-'}, Python ${python}, and the probe of peft-matrix`,
});

/** A word of a Dockerfile that stands for itself. */
const quoted = (value: string): string => `"${value.replaceAll(/[\\"$]/g, String.raw`\$&`)}"`;
