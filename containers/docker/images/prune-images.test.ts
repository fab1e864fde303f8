import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cacheSubfolder } from '../../local/cache-folder.ts';
import type { Telling } from '../../telling.ts';
import { connectEngine, type Engine } from '../engine.ts';
import { baseImage } from '../fixtures/stand-in.ts';
import { inspectImage } from './base-image.ts';
import { ensureImage, type LockImage } from './ensure-image.ts';
import { discardImage, smallLock } from './fixtures/images.ts';
import { bareId, imageLabels } from './image-labels.ts';
import { pruneImages } from './prune-images.ts';
import { takeStock } from './stored-images.ts';

const { signal } = new AbortController();
const silent: Telling = { onStep: () => {}, onWarning: () => {} };
const msPerYear = 365 * 86_400_000;

/** An image that was last used long before every other one of this engine, which may hold those of somebody at work. */
const oldImage = async (engine: Engine, packages: Readonly<Record<string, string>>): Promise<LockImage> => {
  const image = await ensureImage(engine, smallLock(packages), { baseImage }, silent, signal);
  onTestFinished(() => discardImage(engine, image.tag));
  const mark = join(await cacheSubfolder(process.env, 'images', bareId(image.id)), 'used');
  await utimes(mark, new Date('2001-01-01'), new Date('2001-01-01'));
  return image;
};

const isThere = async (engine: Engine, name: string): Promise<boolean> =>
  (await inspectImage(engine, name, signal)) !== undefined;

describe('images of an engine', { tags: ['docker'] }, () => {
  test('are listed with what they hold, what is theirs alone, and when they were last used', async () => {
    const engine = await connectEngine();
    const one = await oldImage(engine, { six: '1.14.0', peft: '0.20.0' });
    const alone = (await takeStock(engine, signal)).images.find(({ tag }) => tag === one.tag);
    expect(alone).toMatchObject({
      id: one.id,
      packages: { peft: '0.20.0', six: '1.14.0' },
      python: '3.11',
      base: baseImage,
      sizeBytes: one.sizeBytes,
      ownBytes: one.builtBytes,
      lastUsedAt: '2001-01-01T00:00:00.000Z',
      inUse: false,
    });
    await oldImage(engine, { six: '1.14.0', peft: '0.19.1' });
    const shared = (await takeStock(engine, signal)).images.find(({ tag }) => tag === one.tag);
    expect(shared?.ownBytes).toBeLessThan(one.builtBytes);
  });

  test('go when they are old, with the stages that no other needs', async () => {
    const engine = await connectEngine();
    const old = await oldImage(engine, { six: '1.13.0', peft: '0.20.0' });
    const stage = old.labels[imageLabels.parent] ?? '';
    const recent = await oldImage(engine, { six: '1.13.0', peft: '0.19.1' });
    expect(recent.labels[imageLabels.parent]).toBe(stage);
    await ensureImage(engine, smallLock({ six: '1.13.0', peft: '0.19.1' }), { baseImage }, silent, signal);

    const first = await pruneImages(engine, { unusedForMs: 10 * msPerYear }, silent, signal);
    expect(first.removed.map(({ id }) => id)).toStrictEqual([old.id]);
    await expect(Promise.all([old.tag, recent.tag, stage].map((name) => isThere(engine, name)))).resolves.toStrictEqual(
      [false, true, true],
    );

    const mark = join(await cacheSubfolder(process.env, 'images', bareId(recent.id)), 'used');
    await utimes(mark, new Date('2001-01-01'), new Date('2001-01-01'));
    const second = await pruneImages(engine, { unusedForMs: 10 * msPerYear }, silent, signal);
    expect(second.removed.map(({ id }) => id)).toStrictEqual([recent.id]);
    expect(second.stages.map(({ id }) => id)).toContain(stage);
    await expect(isThere(engine, stage)).resolves.toBe(false);
  });

  test('stay while there is a container of them', async () => {
    const engine = await connectEngine();
    const image = await oldImage(engine, { six: '1.12.0', peft: '0.20.0' });
    const container = await engine.createContainer({ Image: image.tag });
    onTestFinished(() => container.remove({ force: true }));
    const { kept } = await pruneImages(engine, { unusedForMs: 10 * msPerYear }, silent, signal);
    expect(kept.map(({ id, inUse }) => [id, inUse])).toStrictEqual([[image.id, true]]);
    await expect(isThere(engine, image.tag)).resolves.toBe(true);
  });
});
