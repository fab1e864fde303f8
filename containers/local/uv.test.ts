import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Telling } from '../telling.ts';
import { searchAnyInterpreter } from './interpreters.ts';
import { findUv } from './uv.ts';

const { signal } = new AbortController();

/** Keeps the steps. */
const telling = (steps: string[], warnings: string[] = []): Telling => ({
  onStep: (step) => steps.push(step),
  onWarning: (warning) => warnings.push(warning),
});

/** This process's settings, with a PATH on which there is nothing but what is linked, and a cache of its own. */
const surroundings = async (links: Readonly<Record<string, string>>): Promise<Record<string, string | undefined>> => {
  const folder = await mkdtemp(join(tmpdir(), 'uv-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));
  return { ...process.env, PATH: folder, PYENV_ROOT: folder, XDG_CACHE_HOME: join(folder, 'cache') };
};

test('uv is brought along where there is none, once, also when two ask at once', async () => {
  const { interpreter } = await searchAnyInterpreter(process.env, signal);
  const variables = await surroundings({ python3: interpreter?.path ?? '' });
  const steps: string[] = [];
  const found = await Promise.all(Array.from({ length: 2 }, () => findUv(variables, telling(steps), signal)));
  expect(new Set(found.map(({ path }) => path)).size).toBe(1);
  const again = await findUv(variables, telling(steps), signal);
  expect(steps).toHaveLength(2);
  const { stdout } = await again.run(['--version'], {}, signal);
  expect(stdout).toContain(again.version);
  await expect(readdir(join(variables['XDG_CACHE_HOME'] ?? '', 'peft-matrix', 'uv'))).resolves.toStrictEqual([
    again.version,
  ]);
}, 120_000);

test('without uv and without any Python, the error says what was looked at and what to do', async () => {
  const variables = await surroundings({ python3: '/bin/false' });
  await expect(findUv(variables, telling([]), signal)).rejects.toThrow(
    /No Python >= 3\.8 was found on this machine\. Looked at:\n {2}.*python3: does not run.*\nInstall Python >= 3\.8/,
  );
});

test('a folder of wheels that pip is set to and that is not there is a warning', async () => {
  const variables = { ...process.env, PIP_FIND_LINKS: '/no/such/wheels', UV_FIND_LINKS: undefined };
  const warnings: string[] = [];
  const uv = await findUv(variables, telling([], warnings), signal);
  expect(warnings).toEqual(uv.warnings);
  expect(warnings).toEqual(["pip's find-links names /no/such/wheels, which does not exist: left out"]);
}, 120_000);
