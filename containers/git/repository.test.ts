import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { exportTree } from './export-tree.ts';
import { emptyRepository, writeHistory } from './fixtures/made-up-history.ts';
import { git } from './git.ts';
import { findCommit } from './history.ts';
import { resolveCommit } from './release-commit.ts';
import { openRepository, type Repository } from './repository.ts';

const { signal } = new AbortController();

let cache: string;
let steps: string[];
let telling: Telling;
/** Somebody's repository, at its path. */
let theirs: Repository & { readonly folder: string };

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'repositories-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  steps = [];
  telling = { onStep: (step) => steps.push(step), onWarning: () => {} };
  theirs = await emptyRepository(onTestFinished);
});

const filed = (content: string, path = 'file'): { parents: number[]; files: Record<string, string> } => ({
  parents: [],
  files: { [path]: content },
});

const tag = (name: string, hash: string): Promise<string> =>
  git(['update-ref', `refs/tags/${name}`, hash], theirs, signal);

describe('a repository', () => {
  test('is cloned once, and fetched when a commit is missing', async () => {
    const [first = ''] = await writeHistory(theirs, [filed('1')]);
    const ours = await openRepository(theirs.gitDir, telling, signal);
    expect(await findCommit(ours, first, telling, signal)).toBe(first);
    const again = await openRepository(theirs.gitDir, telling, signal);
    expect(again.gitDir).toBe(ours.gitDir);
    expect(steps).toEqual([`cloning ${theirs.gitDir}`]);
    const [second = ''] = await writeHistory(theirs, [filed('2')]);
    expect(await findCommit(ours, second.slice(0, 12), telling, signal)).toBe(second);
    expect(await findCommit(ours, '0123456789', telling, signal)).toBeUndefined();
    expect(steps.slice(1)).toEqual([`fetching ${theirs.gitDir}`, `fetching ${theirs.gitDir}`]);
  });

  test('gives the branch as it is now, and the tag as it was', async () => {
    const [first = ''] = await writeHistory(theirs, [filed('1')]);
    await tag('v1', first);
    const ours = await openRepository(theirs.gitDir, telling, signal);
    const [second = ''] = await writeHistory(theirs, [filed('2')]);
    expect(await findCommit(ours, 'v1', telling, signal)).toBe(first);
    expect(steps).toHaveLength(1);
    expect(await findCommit(ours, 'main', telling, signal)).toBe(second);
  });

  test('is cloned by one of several that ask at once', async () => {
    await writeHistory(theirs, [filed('1')]);
    const opened = await Promise.all([1, 2, 3].map(() => openRepository(theirs.gitDir, telling, signal)));
    expect(new Set(opened.map(({ gitDir }) => gitDir)).size).toBe(1);
    expect(steps.filter((step) => step.startsWith('cloning'))).toHaveLength(1);
  });

  test('that was left half made, or locked by a git that was killed, is no hindrance', async () => {
    const [first = ''] = await writeHistory(theirs, [filed('1')]);
    const ours = await openRepository(theirs.gitDir, telling, signal);
    await mkdir(join(cache, 'peft-matrix/repositories', `${ours.id}.making-00`));
    await writeFile(join(ours.gitDir, 'packed-refs.lock'), '');
    await writeFile(join(ours.gitDir, 'refs/heads/main.lock'), '');
    await writeHistory(theirs, [filed('2')]);
    await tag('v1', first);
    expect(await findCommit(ours, 'v1', telling, signal)).toBe(first);
    await rm(ours.gitDir, { recursive: true });
    await openRepository(theirs.gitDir, telling, signal);
    expect((await readdir(join(cache, 'peft-matrix/repositories'))).toSorted()).toEqual(['.locks', `${ours.id}.git`]);
  });

  test.each(['nowhere', '--upload-pack=touch', 'ext::sh -c touch% it', 'file:///tmp', '-oProxyCommand=x@y:z'])(
    'is not %s',
    async (location) => {
      await expect(openRepository(location, telling, signal)).rejects.toBeInstanceOf(InputError);
    },
  );

  test('that cannot be reached is an error in the words of git, without the login', async () => {
    const failing = openRepository('http://ann:secret@127.0.0.1:9/x.git', telling, signal);
    await expect(failing).rejects.toThrow(
      /^The repository http:\/\/127\.0\.0\.1:9\/x\.git cannot be fetched:\n.*127/su,
    );
    await expect(failing).rejects.toBeInstanceOf(InfrastructureError);
    await expect(failing).rejects.not.toThrow(/secret/u);
  });

  test.each(['--all', 'a b', 'v1..v2', '', 'HEAD^{/x}', ':/x'])('has no commit "%s"', async (name) => {
    await writeHistory(theirs, [filed('1')]);
    const ours = await openRepository(theirs.gitDir, telling, signal);
    const found = findCommit(ours, name, telling, signal).catch((error: unknown) => error);
    expect((await found) ?? new InputError('')).toBeInstanceOf(InputError);
  });

  test('runs nothing that somebody has put into it or into our settings', async () => {
    const ran = join(theirs.folder, 'ran');
    const hook = `#!/bin/sh\ntouch ${ran}\n`;
    await mkdir(join(theirs.gitDir, 'hooks'), { recursive: true });
    for (const name of ['post-checkout', 'post-index-change', 'reference-transaction', 'pre-auto-gc']) {
      await writeFile(join(theirs.gitDir, 'hooks', name), hook, { mode: 0o755 });
    }
    const settings = join(theirs.folder, 'settings');
    await writeFile(
      settings,
      `[core]\nhooksPath = ${join(theirs.gitDir, 'hooks')}\n[filter "evil"]\nsmudge = touch ${ran}\n`,
    );
    vi.stubEnv('GIT_CONFIG_GLOBAL', settings);
    const files = { '.gitattributes': '* filter=evil\n', file: 'as it was' };
    const [hash = ''] = await writeHistory(theirs, [{ parents: [], files }]);
    await rm(ran, { force: true });
    const ours = await openRepository(theirs.gitDir, telling, signal);
    const tree = await exportTree(ours, hash, signal);
    expect(await readFile(join(tree, 'file'), 'utf8')).toBe('as it was');
    expect(existsSync(ran)).toBe(false);
  });
});

describe('a tree', () => {
  test('has every file of the commit, also those that an archive would leave out, and is written once', async () => {
    const files = { '.gitattributes': 'src export-ignore\n', 'src/peft/__init__.py': 'x = "$Format:%H$"\n' };
    const [hash = ''] = await writeHistory(theirs, [{ parents: [], files }]);
    const tree = await exportTree(theirs, hash, signal);
    expect(await readFile(join(tree, 'src/peft/__init__.py'), 'utf8')).toBe('x = "$Format:%H$"\n');
    const { ino } = await lstat(tree);
    const again = await Promise.all([exportTree(theirs, hash, signal), exportTree(theirs, hash, signal)]);
    expect(again).toEqual([tree, tree]);
    expect((await lstat(tree)).ino).toBe(ino);
    expect(await readdir(join(tree, '..'))).toEqual([hash]);
  });

  test('is written by two at once without harm', async () => {
    const [hash = ''] = await writeHistory(theirs, [filed('1')]);
    const trees = await Promise.all([1, 2, 3, 4].map(() => exportTree(theirs, hash, signal)));
    expect(new Set(trees).size).toBe(1);
    expect(await readdir(join(trees[0] ?? '', '..'))).toEqual([hash]);
    expect(await readFile(join(trees[0] ?? '', 'file'), 'utf8')).toBe('1');
  });
});

const version = (said: string, parents: number[] = []): Parameters<typeof writeHistory>[1][number] => ({
  parents,
  files: { 'src/peft/__init__.py': `__version__ = "${said}"\n` },
  message: said,
});
const resolve = (name: string): Promise<string> => resolveCommit(theirs, 'peft', name, telling, signal);

describe('a release', () => {
  test.each(['v0.12.0', '0.12.0', 'release-0.12.0', 'peft-v0.12', 'peft@0.12.0'])('is the tag %s', async (name) => {
    const [first = '', second = ''] = await writeHistory(theirs, [version('0.11.0'), version('0.12.0', [0])]);
    await tag(name, first);
    await tag('v0.12.1', second);
    expect(await resolve('0.12.0')).toBe(first);
  });

  test('without a tag is the commit that made it the version', async () => {
    const said = ['0.11.0', '0.11.1.dev0', '0.12.0', '0.12.0', '0.12.1.dev0'];
    const hashes = await writeHistory(
      theirs,
      said.map((each, position) => version(each, position === 0 ? [] : [position - 1])),
    );
    expect(await resolve('0.12.0')).toBe(hashes[2]);
    expect(await resolve('0.11.0')).toBe(hashes[0]);
  });

  test('that is not there is an error that says up to when the history goes', async () => {
    await writeHistory(theirs, [version('0.11.0')]);
    await expect(resolve('0.13.0')).rejects.toThrow(
      /^made-up has neither a tag for peft 0\.13\.0 \(such as v0\.13\.0\).* newest commit is of 2023-11-14\./u,
    );
    await expect(resolve('v0.13.0')).rejects.toThrow('made-up has no tag, branch or commit v0.13.0.');
  });
});
