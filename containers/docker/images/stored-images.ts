import type { ImageInfo } from 'dockerode';
import { answerLimitMs, type Engine } from '../engine.ts';
import { ownLabel } from '../labels.ts';
import { askEngine } from './ask-engine.ts';
import { readPackages } from './image-config.ts';
import { bareId, imageKinds, imageLabels } from './image-labels.ts';
import { lastUsed } from './images-folder.ts';
import { lockRepository, stageRepository } from './stages.ts';

/** The image of a lock, as an engine has it. */
export interface StoredImage {
  readonly id: string;
  /** The name that we gave it; undefined when another image has that name now. */
  readonly tag: string | undefined;
  /** Hash of its lock. */
  readonly lock: string;
  /** Name to version of everything that is installed. */
  readonly packages: Readonly<Record<string, string>>;
  readonly python: string;
  readonly device: string;
  /** The base image as it was asked for. */
  readonly base: string;
  /** Size of everything in it, and of what no other image of a lock has, in bytes. */
  readonly sizeBytes: number;
  readonly ownBytes: number;
  /** ISO timestamps; `lastUsedAt` as far as this machine knows, else when it was made. */
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /** Whether there is a container of it, running or not. */
  readonly inUse: boolean;
}

/** What an engine has of ours. */
export interface Stock {
  /** Most recently used first. */
  readonly images: readonly StoredImage[];
  readonly stages: readonly StoredStage[];
}

/** An image that others are built on. */
export interface StoredStage {
  readonly id: string;
  readonly tag: string | undefined;
  readonly name: string;
  readonly sizeBytes: number;
  /** Whether the image of a lock is built on it. */
  readonly isNeeded: boolean;
}

/** Takes stock of the images of locks and of stages. Throws `InfrastructureError`. */
export const takeStock = async (engine: Engine, signal: AbortSignal): Promise<Stock> => {
  const all = await askEngine('listing images', answerLimitMs, signal, (abortSignal) =>
    engine.listImages({ abortSignal }),
  );
  const tree = new Tree(all);
  const inUse = await idsInUse(engine, signal);
  const images = await Promise.all(
    all.filter(isKind(imageKinds.lock)).map((image) => describeImage(image, tree, inUse.has(bareId(image.Id)))),
  );
  return {
    images: images.toSorted((left, right) => (left.lastUsedAt < right.lastUsedAt ? 1 : -1)),
    stages: all.filter(isKind(imageKinds.stage)).map((image) => ({
      id: image.Id,
      tag: tagOf(image, stageRepository),
      name: image.Labels[imageLabels.stage] ?? '-',
      sizeBytes: tree.addedBytes(image),
      isNeeded: tree.usersOf(image) > 0,
    })),
  };
};

const isKind =
  (kind: string) =>
  ({ Labels }: ImageInfo): boolean =>
    Labels?.[ownLabel] === kind;

const idsInUse = async (engine: Engine, signal: AbortSignal): Promise<ReadonlySet<string>> => {
  const containers = await askEngine('listing containers', answerLimitMs, signal, (abortSignal) =>
    engine.listContainers({ all: true, abortSignal }),
  );
  return new Set(containers.map(({ ImageID }) => bareId(ImageID)));
};

const describeImage = async (image: ImageInfo, tree: Tree, inUse: boolean): Promise<StoredImage> => {
  const { Id, Labels, Size, Created } = image;
  const createdAt = new Date(Created * 1000).toISOString();
  return {
    id: Id,
    tag: tagOf(image, lockRepository),
    lock: Labels[imageLabels.lock] ?? '-',
    packages: readPackages(Labels),
    python: Labels[imageLabels.python] ?? '-',
    device: Labels[imageLabels.device] ?? '-',
    base: Labels[imageLabels.base] ?? '-',
    sizeBytes: Size,
    ownBytes: tree.ownBytes(image),
    createdAt,
    lastUsedAt: (await lastUsed(Id)) ?? createdAt,
    inUse,
  };
};

/** Podman puts `localhost/` before names that have no registry. */
const tagOf = ({ RepoTags }: ImageInfo, repository: string): string | undefined =>
  RepoTags?.find((tag) => tag.replace(/^localhost\//, '').startsWith(`${repository}:`));

/** Which image is built on which. */
class Tree {
  readonly #byId: ReadonlyMap<string, ImageInfo>;
  /** How many images of locks have a stage, or are it. */
  readonly #users = new Map<string, number>();

  constructor(all: readonly ImageInfo[]) {
    this.#byId = new Map(all.map((image) => [bareId(image.Id), image]));
    for (const image of all.filter(isKind(imageKinds.lock))) {
      for (const { Id } of this.#lineOf(image)) this.#users.set(Id, (this.#users.get(Id) ?? 0) + 1);
    }
  }

  usersOf({ Id }: ImageInfo): number {
    return this.#users.get(Id) ?? 0;
  }

  /** What an image adds to the one that it is built on. */
  addedBytes(image: ImageInfo): number {
    return image.Size - (this.#parentOf(image)?.Size ?? 0);
  }

  /** What would be gone with it. */
  ownBytes(image: ImageInfo): number {
    const alone = this.#lineOf(image).filter((one) => this.usersOf(one) <= 1);
    return alone.reduce((sum, one) => sum + this.addedBytes(one), 0);
  }

  /** An image and those of ours that it is built on. */
  #lineOf(image: ImageInfo): readonly ImageInfo[] {
    const parent = this.#parentOf(image);
    const isOurs = parent !== undefined && isKind(imageKinds.stage)(parent);
    return isOurs ? [image, ...this.#lineOf(parent)] : [image];
  }

  #parentOf({ Labels }: ImageInfo): ImageInfo | undefined {
    return this.#byId.get(bareId(Labels?.[imageLabels.parent] ?? ''));
  }
}
