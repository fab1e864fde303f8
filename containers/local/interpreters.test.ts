import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../matrices/errors.ts';
import { checkInterpreter, noInterpreterError, searchAnyInterpreter, searchInterpreter } from './interpreters.ts';

const { signal } = new AbortController();

let folder: string;
let python: string;
let minor: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interpreters-'));
  const { interpreter } = await searchAnyInterpreter(process.env, signal);
  if (interpreter === undefined) throw new Error('These tests need a Python.');
  python = interpreter.path;
  minor = interpreter.version.split('.').slice(0, 2).join('.');
});

afterEach(() => rm(folder, { recursive: true }));

const program = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), 0o755);
  return join(folder, name);
};

/** Nothing but what the test puts there. */
const only = (): Record<string, string> => ({ PATH: `${folder}:/bin:/usr/bin`, HOME: folder, PYENV_ROOT: folder });

describe('searchInterpreter', () => {
  test('passes over a shim that does not run, and finds the next', async () => {
    await program(`python${minor}`, '#!/bin/sh\necho "pyenv: version not installed" >&2; exit 127\n');
    await symlink(python, join(folder, 'python3'));
    const { interpreter, rejected } = await searchInterpreter(minor, only(), signal);
    expect(interpreter?.version).toMatch(new RegExp(`^${minor.replace('.', String.raw`\.`)}`));
    expect(rejected[0]).toStrictEqual({
      path: join(folder, `python${minor}`),
      reason: 'does not run (pyenv: version not installed)',
    });
  });

  test('looks under pyenv, newest patch first', async () => {
    const variables = { PATH: '/nowhere', HOME: folder, PYENV_ROOT: folder };
    for (const [patch, text] of [
      ['9', '#!/bin/sh\nexit 1\n'],
      ['10', `#!/bin/sh\nexec ${python} "$@"\n`],
    ] as const) {
      await mkdir(join(folder, 'versions', `${minor}.${patch}`, 'bin'), { recursive: true });
      await program(`versions/${minor}.${patch}/bin/python`, text);
    }
    const { interpreter, rejected } = await searchInterpreter(minor, variables, signal);
    expect(interpreter?.path).toBe(python);
    expect(rejected).toStrictEqual([]);
  });

  test('says of everything that it looked at why it was no use', async () => {
    const wrong = await program('python3', '#!/bin/sh\necho "Python of sorts"\n');
    const search = await searchInterpreter('3.99', { PATH: folder, HOME: folder, PYENV_ROOT: folder }, signal);
    expect(search.interpreter).toBeUndefined();
    expect(noInterpreterError('Python 3.99', search).message).toContain(
      `Looked at:\n  ${wrong}: does not answer as Python does (Python of sorts)\nInstall Python 3.99`,
    );
  });

  test('says so when there is nothing to look at', async () => {
    const search = await searchInterpreter('3.11', { PATH: '/nowhere', PYENV_ROOT: folder }, signal);
    expect(noInterpreterError('Python 3.11', search).message).toContain('(no python on PATH, none under pyenv)');
  });
});

describe('checkInterpreter', () => {
  test('takes a Python that runs, under the path it was given', async () => {
    const link = join(folder, 'python');
    await symlink(python, link);
    await expect(checkInterpreter(link, process.env, signal)).resolves.toMatchObject({ path: link });
  });

  test.each([
    ['nowhere/python', (): Promise<unknown> => Promise.resolve(), 'there is no such file'],
    ['folder', (): Promise<unknown> => mkdir(join(folder, 'folder')), 'is a folder'],
    ['plain', (): Promise<unknown> => writeFile(join(folder, 'plain'), ''), 'is not an executable file'],
    [
      'shell',
      (): Promise<unknown> => program('shell', '#!/bin/sh\necho "cannot" >&2; exit 3\n'),
      'does not run (cannot)',
    ],
  ])('refuses %s', async (name, prepare, words) => {
    await prepare();
    const refusal = checkInterpreter(join(folder, name), process.env, signal);
    await expect(refusal).rejects.toThrow(InputError);
    await expect(refusal).rejects.toThrow(words);
  });
});
