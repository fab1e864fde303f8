import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatLock, lockId } from '../../../matrices/lock.ts';
import type { Lock } from '../../../matrices/pin.ts';
import type { Telling } from '../../telling.ts';
import { connectEngine, type Engine } from '../engine.ts';
import { quickLock } from '../fixtures/quick-image.ts';
import { baseImage } from '../fixtures/stand-in.ts';
import { ownLabel, processLabel } from '../labels.ts';
import { defaultLimits } from '../limits.ts';
import { startProbeContainer } from '../start-probe-container.ts';
import { sweepContainers } from '../sweep-containers.ts';
import { inspectImage } from './base-image.ts';
import { ensureImage, type LockImage } from './ensure-image.ts';
import { discardImage, filesIn, printed, smallLock } from './fixtures/images.ts';
import { imageKinds, imageLabels } from './image-labels.ts';
import { readPackages } from './image-config.ts';

const { signal } = new AbortController();
const silent: Telling = { onStep: () => {}, onWarning: () => {} };

interface Built extends LockImage {
  readonly steps: readonly string[];
}

/** Builds an image, which is gone when the test is over. */
const build = async (engine: Engine, lock: Lock): Promise<Built> => {
  const steps: string[] = [];
  const telling = { ...silent, onStep: (step: string) => void steps.push(step) };
  const image = await ensureImage(engine, lock, { baseImage }, telling, signal);
  onTestFinished(() => discardImage(engine, image.tag));
  return { ...image, steps };
};

/** A process that builds the image of a lock. */
interface Builder {
  readonly pid: number;
  /** All that it says, once it has ended. */
  readonly lines: () => Promise<readonly string[]>;
  readonly kill: () => Promise<void>;
}

const builder = (lock: Lock): Builder => {
  const program = join(import.meta.dirname, 'fixtures', 'ensure-image.ts');
  const child = spawn(process.execPath, [program, formatLock(lock)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    pid: child.pid ?? 0,
    lines: async () => {
      const said: string[] = [];
      for await (const line of createInterface(child.stdout)) said.push(line);
      return said;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};

/** Containers in which a process builds. */
const buildsOf = async (engine: Engine, pid: number): Promise<readonly string[]> => {
  const all = await engine.listContainers({ all: true, filters: { label: [`${ownLabel}=${imageKinds.building}`] } });
  return all.filter(({ Labels }) => Labels[processLabel]?.split(' ')[1] === String(pid)).map(({ Id }) => Id);
};

describe('ensureImage', { tags: ['docker'] }, () => {
  test('builds what the lock says, and finds it again', async () => {
    const engine = await connectEngine();
    const lock = smallLock({ six: '1.16.0', peft: '0.20.0' });
    const image = await build(engine, lock);
    expect(image.tag).toMatch(new RegExp(`^peft-matrix/lock:${lockId(lock)}-[0-9a-f]{12}$`));
    expect(image.steps).toStrictEqual([
      'installing 1 packages',
      "building the image's layer of libraries",
      'installing peft 0.20.0',
      "building the image's layer of peft",
    ]);
    expect(readPackages(image.labels)).toStrictEqual({ peft: '0.20.0', six: '1.16.0' });
    expect(image.labels).toMatchObject({ [imageLabels.lock]: lockId(lock), [imageLabels.python]: '3.11' });
    const again = await build(engine, lock);
    expect(again).toMatchObject({ id: image.id, tag: image.tag, builtBytes: 0, steps: [] });
  });

  test('holds an environment as the local one: versions, commands, names of files, nobody as its user', async () => {
    const engine = await connectEngine();
    const { tag } = await build(engine, smallLock({ tqdm: '4.67.1', peft: '0.20.0' }));
    const program = `
import os, importlib.util
from importlib import metadata
from peft_matrix_probe.frames import short_path
print(sorted((one.name, one.version) for one in metadata.distributions()))
print(next(iter(metadata.distribution('tqdm').entry_points)).load().__module__)
print(short_path(importlib.util.find_spec('peft').origin), short_path(importlib.util.find_spec('tqdm.auto').origin))
print(os.getuid(), os.getgid(), os.environ['HOME'])
cached = importlib.util.cache_from_source(importlib.util.find_spec('peft').origin)
print(int.from_bytes(open(cached, 'rb').read()[4:8], 'little'), os.path.exists('/opt/peft-matrix/stage.py'))
`;
    await expect(printed(engine, tag, program)).resolves.toMatchInlineSnapshot(`
      "[('peft', '0.20.0'), ('tqdm', '4.67.1')]
      tqdm.cli
      peft/__init__.py tqdm/auto.py
      65534 65534 /tmp
      1 False"
    `);
  });

  test('shares all but PEFT between locks that differ in PEFT', async () => {
    const engine = await connectEngine();
    const one = await build(engine, smallLock({ six: '1.17.0', peft: '0.20.0' }));
    const other = await build(engine, smallLock({ six: '1.17.0', peft: '0.19.1' }));
    expect(other.steps).toStrictEqual(['installing peft 0.19.1', "building the image's layer of peft"]);
    expect(other.builtBytes).toBeLessThan(50_000_000);
    expect(other.labels[imageLabels.parent]).toBe(one.labels[imageLabels.parent]);
  });

  test('gives the same files for the same lock', async () => {
    const engine = await connectEngine();
    const lock = smallLock({ pyyaml: '6.0.2', peft: '0.19.1' });
    const first = await build(engine, lock);
    const before = await filesIn(engine, first.tag, '/opt');
    await discardImage(engine, first.tag);
    const second = await build(engine, lock);
    expect(second.id).not.toBe(first.id);
    expect(second.builtBytes).toBeGreaterThan(0);
    await expect(filesIn(engine, second.tag, '/opt')).resolves.toStrictEqual(before);
    expect(before.filter((file) => /peft\/.*\.pyc /.test(file)).length).toBeGreaterThan(100);
  });

  // It installs torch into an image: on a busy machine that alone takes minutes.
  test(
    'starts a probe of real libraries that sees the versions which the image names',
    { timeout: 600_000 },
    async () => {
      const engine = await connectEngine();
      const image = await ensureImage(engine, await quickLock(), { baseImage }, silent, signal);
      const options = { image: image.tag, words: ['--device', 'cpu'], limits: defaultLimits, deviceRequests: [] };
      await using probe = startProbeContainer(engine, options);
      const greeting = await probe.connection.greeting;
      const { python, ...versions } = greeting.kind === 'hello' ? greeting.hello.versions : {};
      expect(python).toMatch(/^3\.11\./);
      expect(Object.keys(versions)).toContain('torch');
      expect(readPackages(image.labels)).toMatchObject(versions);
    },
  );

  test('refuses a lock of another platform', async () => {
    const lock = { ...smallLock({ six: '1.16.0' }), platform: 'macos-aarch64' };
    await expect(build(await connectEngine(), lock)).rejects.toThrow(
      /^The lock is for macos-aarch64, the container engine runs linux-\w+: /,
    );
  });

  test('says what to do where the base image cannot be had', async () => {
    const lock = smallLock({ six: '1.16.0' });
    const nowhere = { baseImage: '127.0.0.1:1/no/python:{python}' };
    await expect(ensureImage(await connectEngine(), lock, nowhere, silent, signal)).rejects.toThrow(
      /^The base image 127\.0\.0\.1:1\/no\/python:3\.11 cannot be had\. .*connection refused[^]*npm run base-image/,
    );
  });

  test('says so when the base image has another Python', async () => {
    await expect(build(await connectEngine(), smallLock({ six: '1.16.0' }, '3.10'))).rejects.toThrow(
      'the base image has Python 3.11, the lock asks for 3.10',
    );
  });

  test("gives the installer's words for a version that there is not", async () => {
    await expect(build(await connectEngine(), smallLock({ six: '0.0.1' }))).rejects.toThrow(
      /^The packages of the lock cannot be installed:\n[^]*six==0\.0\.1/,
    );
  });

  test('of two processes at once is built by one', async () => {
    const engine = await connectEngine();
    const lock = smallLock({ six: '1.15.0', peft: '0.20.0' });
    const said = await Promise.all([builder(lock), builder(lock)].map(({ lines }) => lines()));
    const tag = said[0]?.at(-1)?.replace('ready ', '') ?? '';
    onTestFinished(() => discardImage(engine, tag));
    expect(said.map((lines) => lines.at(-1))).toStrictEqual([`ready ${tag}`, `ready ${tag}`]);
    const layers = said.flat().filter((line) => line.startsWith("building the image's layer of"));
    expect(layers.toSorted()).toStrictEqual([
      "building the image's layer of libraries",
      "building the image's layer of peft",
    ]);
  });

  test('killed in the middle leaves no image, and a container that is swept', async () => {
    const engine = await connectEngine();
    const lock = smallLock({ pygments: '2.18.0' });
    const { pid, kill } = builder(lock);
    let left: readonly string[] = [];
    while (left.length === 0) {
      await sleep(20);
      left = await buildsOf(engine, pid);
    }
    await kill();
    // The engine may still be making what it was asked for last: the next sweep finds that.
    const sweep = async (): Promise<readonly string[]> => {
      await sweepContainers(engine, () => {});
      return buildsOf(engine, pid);
    };
    await expect.poll(sweep, { timeout: 20_000 }).toStrictEqual([]);
    const image = await build(engine, lock);
    // Nothing of it was there, and now all of it is.
    expect(image.steps).toContain("building the image's layer of libraries");
    await expect(printed(engine, image.tag, 'import pygments; print(pygments.__version__)')).resolves.toBe('2.18.0');
  });

  test('told to stop in the middle leaves nothing', async () => {
    const engine = await connectEngine();
    const lock = smallLock({ pygments: '2.17.2' });
    const stop = new AbortController();
    const building = ensureImage(engine, lock, { baseImage }, silent, stop.signal);
    building.catch(() => {});
    let containers: readonly string[] = [];
    while (containers.length === 0) {
      await sleep(20);
      containers = await buildsOf(engine, process.pid);
    }
    stop.abort(new Error('enough'));
    await expect(building).rejects.toThrow('enough');
    await expect(buildsOf(engine, process.pid)).resolves.toStrictEqual([]);
    const image = await build(engine, lock);
    expect(image.steps).toContain("building the image's layer of libraries");
    await expect(inspectImage(engine, image.tag, signal)).resolves.toMatchObject({ Id: image.id });
  });
});
