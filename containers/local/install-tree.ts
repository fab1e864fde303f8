import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError } from '../../matrices/errors.ts';
import { lockId } from '../../matrices/lock.ts';
import type { SourceTree } from '../../matrices/pin.ts';
import { listSources } from '../git/list-sources.ts';
import type { Telling } from '../telling.ts';
import { cacheSubfolder, storageError, storageTrouble, type Variables } from './cache-folder.ts';
import { lockFile } from './environment-lock.ts';
import { keptFolder } from './kept-folder.ts';
import { shortHash } from './short-hash.ts';
import { toolWords } from './tool-words.ts';
import { originFile, originOf } from './tree-origin.ts';
import { sharedUv, type Uv } from './uv.ts';

/**
 * A folder with what an installation of a source tree consists of, built for the Python of an environment and without the
 * packages that it depends on. It is kept in the cache: by commit, or by what its sources are.
 *
 * Killed at any moment, it leaves a whole installation or none. Those that were not used for a week go when there are many.
 *
 * @param python - Executable of the environment of the tree's lock.
 * @throws InfrastructureError when it cannot be built, in the tool's own words.
 */
export const installTree = async (
  tree: SourceTree,
  python: string,
  telling: Telling,
  signal: AbortSignal,
): Promise<string> => {
  const store = await cacheSubfolder(process.env, 'built-trees');
  const locks = await cacheSubfolder(process.env, 'built-trees', '.locks');
  const files = tree.commit === undefined ? await listSources(tree.path, signal) : undefined;
  const sources: Sources = { tree, files, digest: files && (await digestOf(tree.path, files)) };
  // Extension modules are compiled against what the environment has.
  const name = shortHash([recipe, tree.package, lockId(tree.lock), tree.commit ?? sources.digest]);
  const path = join(store, name);
  const onWait = (): void => telling.onStep(`waiting for the same ${tree.package}, which is being built already`);
  using turn = await lockFile(join(locks, name), 'exclusive', onWait, signal);
  void turn;
  try {
    return await keptFolder(path, keeping, (attempt) => build(sources, attempt, python, telling, signal));
  } catch (error) {
    throw error instanceof Error && storageTrouble(error.message) !== undefined ? storageError(store, error) : error;
  }
};

/** Raised when the same tree would become another installation. */
const recipe = 1;

/** Building takes its time; a folder that is written for longer belongs to nobody. */
const deadlineMs = 45 * 60_000;

/** A few bisects' worth; most take a few megabytes. */
const keeping = { count: 40, writingMs: 2 * deadlineMs };

interface Sources {
  readonly tree: SourceTree;
  /** Of a tree that is worked in: what counts as its sources, relative to it. Absent for all that is there. */
  readonly files: readonly string[] | undefined;
  /** Of the same: what they are, 64 hex digits. */
  readonly digest: string | undefined;
}

/** Builds a copy, for backends write into the tree; in this package's own words where that fails. */
const build = async (
  sources: Sources,
  attempt: string,
  python: string,
  telling: Telling,
  signal: AbortSignal,
): Promise<string> => {
  const { tree } = sources;
  const uv = await sharedUv(telling, signal);
  telling.onStep(`building ${tree.package} from its sources`);
  const copy = join(attempt, 'sources');
  await copySources(sources, copy);
  const installed = join(attempt, 'installed');
  const place = ['--python', python, '--target', installed];
  const { ok, stderr } = await uv.run(
    ['pip', 'install', '--quiet', '--no-deps', '--no-sources', '--link-mode', 'copy', ...place, copy],
    { cwd: attempt, variables: buildVariables(uv, tree), timeoutMs: deadlineMs },
    signal,
  );
  if (!ok) {
    const words = toolWords(stderr.replaceAll(copy, tree.path));
    throw new InfrastructureError(`${describeTree(tree)} cannot be built: ${gistOf(words)}\n${words}`);
  }
  await writeOrigin(sources, installed);
  return installed;
};

/** The compiler's first error, or the last line of a traceback: the rest is where people look next. */
const gistOf = (words: string): string => {
  const lines = words.split('\n').map((line) => line.trim());
  return lines.find((line) => /: (?:fatal )?error\b/i.test(line)) ?? lines.at(-1) ?? '';
};

const copySources = async ({ tree, files }: Sources, copy: string): Promise<void> => {
  const options = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true } as const;
  if (files === undefined) return cp(tree.path, copy, options);
  await mkdir(copy);
  for (const file of files) await cp(join(tree.path, file), join(copy, file), options);
};

const digestOf = async (folder: string, files: readonly string[]): Promise<string> => {
  const overall = createHash('sha256');
  for (const file of files) {
    const path = join(folder, file);
    const isLink = (await lstat(path)).isSymbolicLink();
    const content = createHash('sha256').update(isLink ? await readlink(path) : await readFile(path));
    overall.update(JSON.stringify([file, isLink, content.digest('hex')]));
  }
  return overall.digest('hex');
};

/** Where an installer notes that it was no release, it notes a copy of ours that is gone. */
const writeOrigin = async ({ tree, digest }: Sources, installed: string): Promise<void> => {
  const names = (await readdir(installed)).filter((name) => name.endsWith('.dist-info'));
  const isOurs = (name: string): boolean => name.split('-')[0]?.toLowerCase() === tree.package.replaceAll('-', '_');
  const own = names.find(isOurs);
  if (own === undefined) {
    const found = names.map((name) => name.split('-')[0] ?? name).join(', ') || 'nothing';
    throw new InfrastructureError(`${describeTree(tree)} is no ${tree.package}: an installation of it is ${found}.`);
  }
  await writeFile(join(installed, own, originFile), JSON.stringify(originOf(tree, digest)));
};

const describeTree = ({ package: name, path, commit }: SourceTree): string =>
  `${name} ${commit === undefined ? `in ${path}` : `of the commit ${commit.slice(0, 10)}`}`;

/**
 * Of our variables those that uv, a proxy or a compiler needs. No tokens: the code that is run by a build is not ours. Without a
 * repository, `setuptools-scm` and what is like it cannot know a version: that of the lock is near.
 */
const buildVariables = ({ variables }: Uv, { package: name, lock }: SourceTree): Variables => ({
  ...Object.fromEntries(
    Object.keys(variables)
      .filter((variable) => !allowedVariables.test(variable))
      .map((variable) => [variable, undefined]),
  ),
  SETUPTOOLS_SCM_PRETEND_VERSION: variables['SETUPTOOLS_SCM_PRETEND_VERSION'] ?? lock.packages[name],
});

const allowedVariables = new RegExp(
  [
    '^(?:PATH|HOME|USER|LOGNAME|SHELL|TZ|LANG|LC_\\w+|TMPDIR|XDG_\\w+|LD_LIBRARY_PATH|SOURCE_DATE_EPOCH',
    '(?:https?|all|no)_proxy|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|NO_COLOR',
    'UV_(?!PUBLISH_)\\w+|RUST\\w*|CARGO_(?!REGISTR)\\w+|CC|CXX|AR|LD|(?:C|CXX|CPP|LD|F)FLAGS|PKG_CONFIG\\w*',
    'CMAKE_\\w+|CUDA_\\w+|TORCH_\\w+|MAX_JOBS|MAKEFLAGS|NVCC\\w*|SETUPTOOLS_SCM_PRETEND_VERSION)$',
  ].join('|'),
);
