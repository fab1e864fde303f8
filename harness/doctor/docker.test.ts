import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startOwnEngine } from '../../containers/docker/fixtures/own-engine.ts';
import { inspectDocker } from './docker.ts';
import { engineAddresses } from './engine-address.ts';
import type { EngineFacts } from './engine-facts.ts';
import { inspectEngineGpus } from './engine-gpus.ts';
import { toolkitAdvisories } from './engine-toolkit.ts';
import { describeEngine, describeImages } from './engine-words.ts';

let folder: string;
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  await mkdir(join(folder, 'bin'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine with no tools and no home. */
const bare = (): Readonly<Record<string, string>> => ({ PATH: join(folder, 'bin'), HOME: folder });

/** A tool of that name on its PATH. */
const program = async (name: string, script: string): Promise<void> => {
  await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'bin', name), 0o755);
};

const listen = async (server: net.Server, path: string): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(path, resolve);
  onTestFinished(() => void server.close());
  await promise;
};

const facts = (info: EngineFacts['info'] = {}, more: Partial<EngineFacts> = {}): EngineFacts => ({
  version: '28.5.1',
  apiVersion: '1.51',
  isPodman: false,
  info,
  builderVersion: '2',
  images: [],
  ...more,
});

describe('a real engine', { tags: ['docker'] }, () => {
  test('is described in plain words', async () => {
    const host = process.env['DOCKER_HOST'];
    const finding = await inspectDocker({ ...bare(), ...(host === undefined ? {} : { DOCKER_HOST: host }) }, signal);
    expect(finding.says).toMatch(/^no docker command\n(engine|Podman) \S+ \(API 1\.\d+\) answers/u);
    expect(finding.says).toMatch(/^builder (BuildKit|classic|Buildah).*; cgroup v[12]; storage \w+$/mu);
    expect(finding.says).toMatch(/^GPUs in containers: /mu);
    expect(finding.says).toMatch(/^images in \/.*: \d+\.\d GB free$/mu);
    expect(finding.says).toMatch(/^base images: .*peft-matrix\/base:3\.\d+/mu);
    expect(finding.says).toMatch(/^Ryuk is not needed/mu);
  });

  test(
    'with a GPU hook and an old toolkit is usable but not safe',
    { timeout: 120_000, tags: ['dockerd'] },
    async () => {
      await program('nvidia-container-runtime-hook', 'exit 0');
      await program('nvidia-container-cli', 'echo "cli-version: 1.17.7"; echo "lib-version: 1.17.7"');
      await using own = await startOwnEngine({ tools: join(folder, 'bin') });
      const finding = await inspectDocker({ ...bare(), DOCKER_HOST: own.host }, signal);
      expect(finding.status).toBe('warning');
      expect(finding.says).toContain('GPUs in containers: nvidia-container-runtime-hook on PATH');
      expect(finding.says).toContain('1.17.7 has known ways out of a container: CVE-2025-23266, CVE-2026-24260');
      expect(finding.remedy).toContain('Update the NVIDIA container toolkit to 1.19.1 or later');
      expect(finding.says).toContain('base images: none; python:3.11-slim is pulled when it is needed');
    },
  );
});

describe('a socket', () => {
  test("of Podman's is found, and how to use it is said", async () => {
    const answers: unknown = JSON.parse(
      await readFile(join(import.meta.dirname, '../fixtures/podman-4.3.1.json'), 'utf8'),
    );
    await mkdir(join(folder, 'podman'));
    const path = join(folder, 'podman/podman.sock');
    // What a Podman 4.3.1 answered, as far as it is asked for.
    await listen(
      http.createServer(({ url = '' }, response) => {
        const body: unknown = Object.entries(answers ?? {}).find(([name]) => name === url)?.[1];
        response.setHeader('Builder-Version', '').end(body === undefined ? 'OK' : JSON.stringify(body));
      }),
      path,
    );
    // This machine may have sockets of its own, which come first.
    const addresses = engineAddresses({ ...bare(), XDG_RUNTIME_DIR: folder });
    const address = addresses.filter(({ host }) => host === `unix://${path}`);
    expect(await inspectDocker(bare(), signal, 5000, address)).toMatchObject({
      status: 'warning',
      says: expect.stringContaining('Podman 4.3.1 (API 1.41) answers\nbuilder Buildah; cgroup v1; storage vfs'),
      remedy: `Cells run in this engine only with DOCKER_HOST=unix://${path}`,
    });
  });

  test('that takes calls and never answers holds nobody', async () => {
    const path = join(folder, 'docker.sock');
    await listen(
      net.createServer(() => {}),
      path,
    );
    expect(await inspectDocker({ ...bare(), DOCKER_HOST: `unix://${path}` }, signal, 300)).toMatchObject({
      status: 'warning',
      says: expect.stringContaining('the engine does not answer'),
      remedy: expect.stringContaining(path),
    });
  });

  test.each(['not json', '{"Version":1}'])('that answers %s is no engine', async (body) => {
    const path = join(folder, 'docker.sock');
    await listen(
      http.createServer((_, response) => response.end(body)),
      path,
    );
    expect(await inspectDocker({ ...bare(), DOCKER_HOST: `unix://${path}` }, signal)).toMatchObject({
      status: 'warning',
      says: expect.stringContaining('does not answer'),
    });
  });
});

describe('what an engine says of itself', () => {
  test('names its builder, and that nobody needs root for it', () => {
    const [first, second] = describeEngine(
      facts({ SecurityOptions: ['name=rootless'], CgroupVersion: '2', Driver: 'overlay2' }),
    );
    expect(first?.says).toBe('engine 28.5.1 (API 1.51) answers, rootless');
    expect(second).toStrictEqual({ says: 'builder BuildKit; cgroup v2; storage overlay2' });
  });

  test('is a warning where it cannot hold containers in', () => {
    const words = describeEngine(facts({ SecurityOptions: ['name=rootless'], CgroupVersion: '1', MemoryLimit: false }));
    expect(words.map(({ remedy }) => remedy).join('')).toContain('cannot limit the memory');
  });

  test('names the images that others can be built on', async () => {
    const images = ['python:3.11-slim', 'peft-matrix/base:3.13', 'python:3.11', 'testcontainers/ryuk:0.14.0'];
    const words = await describeImages(facts({ DockerRootDir: '/' }, { images }), false);
    expect(words.map(({ says }) => says)).toStrictEqual([
      'base images: peft-matrix/base:3.13, python:3.11-slim',
      'Ryuk is not needed (its image is there)',
    ]);
  });
});

describe('GPUs in containers', () => {
  test.each([
    [{ Runtimes: { runc: {}, nvidia: {} } }, 'runtime nvidia'],
    [{ DiscoveredDevices: [{ ID: 'nvidia.com/gpu=all' }] }, 'CDI'],
  ])('are possible with %j', async (info, way) => {
    expect(await inspectEngineGpus(facts(info), bare(), signal)).toStrictEqual([
      { says: `GPUs in containers: ${way}` },
    ]);
  });

  test('are possible with a CDI specification that the engine reads', async () => {
    await writeFile(join(folder, 'nvidia.yaml'), '');
    const words = await inspectEngineGpus(facts({ CDISpecDirs: ['/nowhere', folder] }), bare(), signal);
    expect(words).toStrictEqual([{ says: 'GPUs in containers: CDI' }]);
  });

  test('are missed only where there is a GPU', async () => {
    const without = await inspectEngineGpus(facts(), bare(), signal, folder);
    expect(without).toStrictEqual([{ says: 'GPUs in containers: none (no runtime nvidia, no CDI)' }]);
    await writeFile(join(folder, 'nvidia0'), '');
    const [word] = await inspectEngineGpus(facts(), bare(), signal, folder);
    expect(word?.remedy).toContain('install the NVIDIA container toolkit (1.19.1 or later)');
  });

  test('are told with the toolkit, also by the tool of its older releases', async () => {
    await program('nvidia-ctk', 'echo "NVIDIA Container Toolkit CLI version 1.19.1"; echo "commit: abc"');
    const words = await inspectEngineGpus(facts(), bare(), signal, folder);
    expect(words[1]).toStrictEqual({ says: 'NVIDIA container toolkit 1.19.1' });
  });

  test.each([
    ['1.9.0', ['CVE-2024-0132', 'CVE-2025-23359', 'CVE-2025-23266', 'CVE-2026-24260']],
    ['1.16.1', ['CVE-2024-0132', 'CVE-2025-23359', 'CVE-2025-23266', 'CVE-2026-24260']],
    ['1.16.2', ['CVE-2025-23359', 'CVE-2025-23266', 'CVE-2026-24260']],
    ['1.17.4', ['CVE-2025-23266', 'CVE-2026-24260']],
    ['1.17.8', ['CVE-2026-24260']],
    ['1.19.1', []],
    ['2.0.0', []],
  ])('of toolkit %s are known to get out by %j', (version, ids) => {
    expect(toolkitAdvisories(version)).toStrictEqual(ids);
  });
});
