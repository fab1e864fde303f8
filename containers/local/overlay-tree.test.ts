import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SourceTree } from '../../matrices/pin.ts';
import type { OpenResult } from '../executor.ts';
import { localExecutor } from './local-executor.ts';
import { overlayTree } from './overlay-tree.ts';
import { hostPlatform } from './platform.ts';

const { signal } = new AbortController();
const commit = '0123456789abcdef0123456789abcdef01234567';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

// One for all: it takes seconds to bring uv along.
let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'overlay-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/** A tree with these files, on an environment that has nothing at all. */
const tree = async (
  files: Readonly<Record<string, string>>,
  more: Partial<Pick<SourceTree, 'commit' | 'package'>> = {},
): Promise<SourceTree> => {
  const path = join(folder, 'tree');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  const lock = { python: '3.11', device: 'cpu', platform: hostPlatform(), packages: {} } as const;
  return { kind: 'tree', lock, package: 'peft', path, ...more };
};

const open = (source: SourceTree): Promise<OpenResult> =>
  localExecutor().open(
    { id: 'some', device: 'cpu', source },
    { cold: true, hashSeed: 0, onStep: () => {}, onWarning: () => {} },
    signal,
  );

/** Without torch nothing can be imported; but what there is to be imported is said. */
const versionOf = async (source: SourceTree): Promise<string | undefined> => {
  const opened = await open(source);
  expect(opened).toMatchObject({ kind: 'import-failed', failure: { message: "No module named 'torch'" } });
  return opened.kind === 'import-failed' ? opened.failure.versions['peft'] : undefined;
};

const silent = { onStep: () => {}, onWarning: () => {} };
const init = 'src/peft/__init__.py';

describe('a source tree on an environment', () => {
  test('is known by its own version, its commit and its content', async () => {
    const source = await tree({ [init]: '__version__ = "0.12.1.dev0"\n' }, { commit });
    const version = await versionOf(source);
    expect(version).toMatch(/^0\.12\.1\.dev0\+git\.0123456789ab\.src\.[0-9a-f]{12}$/u);
    await tree({ 'src/peft/more.py': '' }, { commit });
    const changed = await versionOf(source);
    expect(changed).toMatch(/^0\.12\.1\.dev0\+git\.0123456789ab\.src\.[0-9a-f]{12}$/u);
    expect(changed).not.toBe(version);
  });

  test('that is worked in is known by its content, also where the package is not below src', async () => {
    const source = await tree({ 'peft/__init__.py': '__version__ = "0.12.0"\n' });
    const version = await versionOf(source);
    expect(version).toMatch(/^0\.12\.0\+src\.[0-9a-f]{12}$/u);
    await tree({ 'peft/__init__.py': '__version__ = "0.12.0" \n' });
    expect(await versionOf(source)).not.toBe(version);
  });

  test('puts nothing of the tree on the import path but the package', async () => {
    const source = await tree({ [init]: '', 'src/torch.py': '', 'torch/__init__.py': '', 'setup.py': '' });
    expect(await versionOf(source)).toMatch(/^0\+src\./u);
    const overlay = await overlayTree(source, 'no-python', silent, signal);
    expect((await readdir(overlay)).toSorted()).toEqual(['peft', 'peft-0.dist-info']);
  });

  test('is broken without the package', async () => {
    await expect(open(await tree({ 'README.md': '' }))).resolves.toEqual({
      kind: 'broken',
      reason: expect.stringMatching(
        /^There is no peft in .*tree: neither src\/peft\/__init__\.py nor .* nothing to build\.$/u,
      ),
    });
  });

  test.each([
    ['setup.py', 'from setuptools import setup\nsetup(name="peft")'],
    ['pyproject.toml', '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'],
  ])('is taken where it is: %s', async (name, content) => {
    expect(await versionOf(await tree({ [init]: '', [name]: content }))).toMatch(/^0\+src\./u);
  });
});
