import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { archiveHistory } from './archive-history.ts';
import { exportTree } from './export-tree.ts';
import { git } from './git.ts';
import { describeCommits, firstParents } from './history.ts';
import { resolveCommit } from './release-commit.ts';

const { signal } = new AbortController();

interface Offered {
  readonly version: string;
  readonly content: Buffer;
  readonly uploadedAt: string;
  readonly sha256?: string;
}

// One for all: it takes seconds to bring uv along, and what is set at first is what uv is asked with.
let cache: string;
let index: string;
/** What the package index offers of `peft`. */
let offered: readonly Offered[] = [];
const server = createServer(({ url = '' }, response) => {
  const found = offered.find(({ version }) => url.endsWith(`/peft-${version}.tar.gz`));
  const files = offered.map(({ version, content, uploadedAt, sha256 }) => ({
    filename: `peft-${version}.tar.gz`,
    url: `../../files/peft-${version}.tar.gz`,
    hashes: { sha256: sha256 ?? createHash('sha256').update(content).digest('hex') },
    'upload-time': uploadedAt,
  }));
  const page = JSON.stringify({ files });
  response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(found?.content ?? page);
});

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'archives-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  index = `http://127.0.0.1:${address.port}/simple/`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(cache, { recursive: true, force: true });
});

let steps: string[];
let telling: Telling;

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', cache);
  vi.stubEnv('UV_DEFAULT_INDEX', index);
  onTestFinished(() => void vi.unstubAllEnvs());
  steps = [];
  telling = { onStep: (step) => steps.push(step), onWarning: () => {} };
});

const archiveOf = async (files: Readonly<Record<string, string>>): Promise<Buffer> => {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  return gzipSync(await buffer(archive));
};

const release = async (version: string, uploadedAt: string, files: Record<string, string>): Promise<Offered> => {
  const below = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`peft-${version}/${name}`, content]),
  );
  return { version, uploadedAt, content: await archiveOf(below) };
};

test('releases become commits, with their dates and tags and nothing that a build wrote', async () => {
  offered = [
    await release('0.9.0', '2024-02-28T11:39:07.123456Z', { 'src/peft/__init__.py': '9', 'src/peft/old.py': '' }),
    await release('0.10.0', '2024-03-21T10:20:01Z', {
      'src/peft/__init__.py': '10',
      'src/peft/wörld "x".py': 'é',
      'src/peft.egg-info/PKG-INFO': 'x',
      'PKG-INFO': 'x',
    }),
    await release('0.10.1', '2024-04-01T00:00:00Z', {}),
  ];
  const repository = await archiveHistory('peft', ['0.9.0', '0.10.0'], telling, signal);
  const [from, to] = await Promise.all(
    ['0.9.0', '0.10'].map((name) => resolveCommit(repository, 'peft', name, telling, signal)),
  );
  expect(await firstParents(repository, from ?? '', to ?? '', signal)).toEqual([to]);
  expect(await describeCommits(repository, [from ?? '', to ?? ''], signal)).toMatchObject([
    { title: 'peft 0.9.0', date: '2024-02-28T11:39:07+00:00' },
    { title: 'peft 0.10.0', date: '2024-03-21T10:20:01+00:00' },
  ]);
  const names = await git(['ls-tree', '-r', '-z', '--name-only', to ?? ''], repository, signal);
  expect(names.split('\0').filter(Boolean)).toEqual(['src/peft/__init__.py', 'src/peft/wörld "x".py']);
  const tree = await exportTree(repository, to ?? '', signal);
  expect(await readFile(join(tree, 'src/peft/wörld "x".py'), 'utf8')).toBe('é');
});

test('it is made once', async () => {
  offered = [await release('0.9.0', '2024-02-28T11:39:07Z', { 'setup.py': '' })];
  const first = await archiveHistory('peft', ['0.9.0'], telling, signal);
  expect(steps.filter((step) => step.startsWith('downloading'))).toHaveLength(1);
  const second = await archiveHistory('peft', ['0.9'], telling, signal);
  expect(second.gitDir).toBe(first.gitDir);
  expect(steps.filter((step) => step.startsWith('downloading'))).toHaveLength(1);
});

test.each([
  ['of a release that has none', {}, '0.9.1', 'The package index has no source archive of peft 0.9.1.'],
  [
    'that is another one',
    { sha256: 'ab' },
    '0.9.0',
    /peft-0\.9\.0\.tar\.gz is not what the index says: its SHA-256 is/u,
  ],
  ['that is none', { content: Buffer.from('no') }, '0.9.0', /peft-0\.9\.0\.tar\.gz is no archive \(.*\)\.$/u],
  [
    'that would leave its folder',
    { content: await archiveOf({ 'peft-0.9.0/../../x': '' }) },
    '0.9.0',
    /peft-0\.9\.0\.tar\.gz has a file of the name "peft-0\.9\.0\/\.\.\/\.\.\/x"\.$/u,
  ],
  [
    'that would be a repository',
    { content: await archiveOf({ 'peft-0.9.0/.GIT/config': '' }) },
    '0.9.0',
    /has a file of the name "peft-0\.9\.0\/\.GIT\/config"\.$/u,
  ],
])('an archive %s is an error', async (_, more, version, message) => {
  offered = [{ ...(await release('0.9.0', '2024-02-28T11:39:07Z', { 'setup.py': '' })), ...more }];
  const failing = archiveHistory('peft', [version], telling, signal);
  await expect(failing).rejects.toThrow(message);
  await expect(failing).rejects.toBeInstanceOf(InfrastructureError);
});
