import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SourceTree } from '../../matrices/pin.ts';
import { hostPlatform } from './platform.ts';
import { prepareEnvironment, type BrokenEnvironment, type PreparedEnvironment } from './prepare-environment.ts';
import { probeEnvironment } from './probe-process.ts';

const { signal } = new AbortController();
const commit = '0123456789abcdef0123456789abcdef01234567';

let folder: string;
let steps: string[];

beforeEach(async () => {
  steps = [];
  folder = await mkdtemp(join(tmpdir(), 'install-tree-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

// One for all: it takes seconds to bring uv along.
let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'install-tree-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/** A package in C, of which `peft.speed()` is a number. */
const sources = (speed: number | string): Readonly<Record<string, string>> => ({
  'pyproject.toml': '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
  'setup.py': [
    'import os',
    'from setuptools import Extension, setup',
    'assert "SOME_TOKEN" not in os.environ',
    'fast = Extension("peft._fast", ["csrc/fast.c"])',
    'setup(name="peft", version="0.21.2", packages=["peft"], ext_modules=[fast])',
  ].join('\n'),
  'peft/__init__.py': 'from peft._fast import speed\n',
  'csrc/fast.c': [
    '#include <Python.h>',
    `static PyObject *speed(PyObject *self, PyObject *none) { return PyLong_FromLong(${speed}); }`,
    'static PyMethodDef methods[] = {{"speed", speed, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};',
    'static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", NULL, -1, methods};',
    'PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&module); }',
  ].join('\n'),
  '.gitignore': 'build/\n*.so\n',
});

const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
};

const treeOf = (more: Partial<SourceTree> = {}): SourceTree => {
  const lock = { python: '3.11', device: 'cpu', platform: hostPlatform(), packages: { peft: '0.21.0' } } as const;
  return { kind: 'tree', lock: { ...lock, packages: {} }, package: 'peft', path: folder, ...more };
};

const prepare = (source: SourceTree): Promise<PreparedEnvironment | BrokenEnvironment> =>
  prepareEnvironment(
    { id: 'some', device: 'cpu', source },
    { onStep: (step) => steps.push(step), onWarning: () => {} },
    signal,
  );

/** What the package says of itself in a Python of its environment: its number, and its version in a probe. */
const speedOf = async (source: SourceTree): Promise<string> => {
  const prepared = await prepare(source);
  if (prepared.kind === 'broken') throw new Error(prepared.reason);
  using environment = prepared;
  const program =
    'import peft; from peft_matrix_probe.sources import version_of; print(peft.speed(), version_of("peft"))';
  const env = probeEnvironment(process.env, environment.overlay);
  return (await execa(environment.python, ['-c', program], { env, extendEnv: false, cwd: '/' })).stdout;
};

describe('a source tree that has to be built', () => {
  test('is built once for a commit, and known by it', async () => {
    vi.stubEnv('SOME_TOKEN', 'secret');
    await write(sources(7));
    expect(await speedOf(treeOf({ commit }))).toBe('7 0.21.2+git.0123456789ab');
    expect(steps.at(-1)).toBe('building peft from its sources');
    steps = [];
    expect(await speedOf(treeOf({ commit }))).toBe('7 0.21.2+git.0123456789ab');
    expect(steps).toEqual([]);
    // Nothing is written where the sources are.
    expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'csrc', 'peft', 'pyproject.toml', 'setup.py']);
  });

  test('is built anew when its sources have changed, whatever an earlier build has left', async () => {
    await execa('git', ['init', '--quiet', folder]);
    await write({ ...sources(8), 'build/temp/fast.o': 'of another build', 'peft/_fast.abi3.so': 'of another build' });
    const first = await speedOf(treeOf());
    expect(first).toMatch(/^8 0\.21\.2\+src\.[0-9a-f]{12}$/u);
    await write({ 'build/temp/fast.o': 'of a third', 'csrc/fast.c': sources(9)['csrc/fast.c'] ?? '' });
    const second = await speedOf(treeOf());
    expect(second).toMatch(/^9 0\.21\.2\+src\.[0-9a-f]{12}$/u);
    expect(second.slice(2)).not.toBe(first.slice(2));
    await write(sources(8));
    expect(await speedOf(treeOf())).toBe(first);
  });

  test('that lies where its build alone knows', async () => {
    await write({
      'pyproject.toml':
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n' +
        '[project]\nname = "PEFT"\nversion = "3"\n[tool.setuptools.packages.find]\nwhere = ["lib"]\n',
      'lib/peft/__init__.py': 'def speed(): return 5\n',
    });
    expect(await speedOf(treeOf({ commit: 'a'.repeat(40) }))).toBe('5 3+git.aaaaaaaaaaaa');
  });

  test('is broken in the words of the compiler, and leaves nothing behind', async () => {
    await write(sources('no_such_number'));
    const failed = await prepare(treeOf({ commit: 'f'.repeat(40) }));
    if (failed.kind !== 'broken') throw new Error('it was built');
    const { reason } = failed;
    expect(reason).toContain('peft of the commit ffffffffff cannot be built: csrc/fast.c:2:');
    expect(reason).toMatch(/csrc\/fast\.c:2:81: error: .no_such_number. undeclared/u);
    expect(reason).not.toMatch(/running build_ext|\.writing/u);
    const left = await readdir(join(cache, 'peft-matrix', 'built-trees'));
    expect(left.filter((name) => name.startsWith('.writing'))).toEqual([]);
  });

  test('is broken when it is another package', async () => {
    await write(sources(7));
    expect(await prepare(treeOf({ package: 'numpy', commit }))).toEqual({
      kind: 'broken',
      reason: 'numpy of the commit 0123456789 is no numpy: an installation of it is peft.',
    });
    expect(existsSync(join(folder, 'build'))).toBe(false);
  });
});
