import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import { isRepositoryUrl } from '../../matrices/repository-url.ts';
import { cacheSubfolder } from '../local/cache-folder.ts';
import { lockFile } from '../local/environment-lock.ts';
import { toolWords } from '../local/tool-words.ts';
import type { Telling } from '../telling.ts';
import { git, tryGit } from './git.ts';

/** A bare repository in the cache, that we read from. */
export interface Repository {
  /** Twelve hex digits that name it in the cache. */
  readonly id: string;
  readonly gitDir: string;
  /** Where it came from, for people. */
  readonly location: string;
  /** Brings what is new there: all branches and tags, and the commit with this full hash, if one is given. */
  readonly update: (telling: Telling, signal: AbortSignal, hash?: string) => Promise<void>;
}

/**
 * The mirror of a repository in the cache, cloned where it is not there yet; what is there is not fetched again.
 *
 * Any number of processes may ask at once: one clones, the others wait. Killed at any moment, it leaves a whole mirror or
 * none.
 *
 * @param location - A URL, or the path of a repository on this machine.
 * @throws InputError for something that is neither; InfrastructureError when it cannot be had, in git's own words.
 */
export const openRepository = async (location: string, telling: Telling, signal: AbortSignal): Promise<Repository> => {
  const source = sourceOf(location);
  const id = nameOf(source.url);
  const store = await openRepositories();
  const gitDir = join(store, `${id}.git`);
  const fetchInto = (target: string, refs: readonly string[]): Promise<void> => fetchFrom(source, target, refs, signal);
  using turn = await takeTurn(store, id, telling, signal);
  void turn;
  if (!existsSync(gitDir)) {
    telling.onStep(`cloning ${source.said}`);
    await makeRepository(store, id, (attempt) => fetchInto(attempt, everything), signal);
  }
  return {
    id,
    gitDir,
    location: source.said,
    update: async (moreTelling, moreSignal, hash) => {
      using again = await takeTurn(store, id, moreTelling, moreSignal);
      void again;
      moreTelling.onStep(`fetching ${source.said}`);
      await removeLeftLocks(gitDir);
      await fetchFrom(source, gitDir, everything, moreSignal);
      if (hash === undefined || (await hasCommit(gitDir, hash, moreSignal))) return;
      // A commit that no branch has, such as one of a pull request. Where it cannot be had, it is missed later.
      await fetchFrom(source, gitDir, [`${hash}:refs/peft-matrix/${hash}`], moreSignal).catch(() => {
        moreSignal.throwIfAborted();
      });
    },
  };
};

/** Throws `InputError` for what is neither a URL nor the path of a repository, before anything is fetched. */
export const checkLocation = (location: string): void => void sourceOf(location);

/** The folder of all repositories, made if need be. */
export const openRepositories = async (): Promise<string> => {
  await cacheSubfolder(process.env, 'repositories', '.locks');
  return cacheSubfolder(process.env, 'repositories');
};

/** Held while a repository is made or changed. */
export const takeTurn = (store: string, id: string, telling: Telling, signal: AbortSignal): Promise<Disposable> =>
  lockFile(
    join(store, '.locks', id),
    'exclusive',
    () => telling.onStep('waiting for another process that gets the same repository'),
    signal,
  );

/** Makes a repository under another name, and renames it into place when `fill` is done. */
export const makeRepository = async (
  store: string,
  id: string,
  fill: (gitDir: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  for (const name of await readdir(store)) {
    if (name.startsWith(`${id}.making-`)) await rm(join(store, name), { recursive: true, force: true });
  }
  const attempt = join(store, `${id}.making-${randomBytes(4).toString('hex')}`);
  try {
    // No template: it could bring hooks along.
    await git(['init', '--quiet', '--bare', '--template=', attempt], { gitDir: attempt }, signal);
    await fill(attempt);
    await rename(attempt, join(store, `${id}.git`));
  } finally {
    await rm(attempt, { recursive: true, force: true });
  }
};

/** The name in the cache of what came from there. */
export const nameOf = (source: string): string => createHash('sha256').update(source).digest('hex').slice(0, 12);

const hasCommit = async (gitDir: string, name: string, signal: AbortSignal): Promise<boolean> =>
  (await tryGit(['cat-file', '-e', `${name}^{commit}`], { gitDir }, signal)).ok;

interface Source {
  readonly url: string;
  readonly isPath: boolean;
  /** The URL without a login in it. */
  readonly said: string;
}

const sourceOf = (location: string): Source => {
  if (isRepositoryUrl(location)) {
    return { url: location, isPath: false, said: location.replace(/^(?<scheme>[a-z]+:\/\/)[^/@]*@/, '$<scheme>') };
  }
  const path = resolve(location);
  const isRepository = [join(path, '.git'), join(path, 'objects')].some(existsSync);
  if (isRepository) return { url: path, isPath: true, said: path };
  throw new InputError(
    `${location} is no git repository: give a URL (https://, ssh://, git://, user@host:path), or the path of a repository.`,
  );
};

const everything = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

const fetchFrom = async (
  { url, isPath, said }: Source,
  gitDir: string,
  refs: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--update-head-ok'];
  const { ok, stderr } = await tryGit(['fetch', ...options, url, ...refs], { gitDir, mayReadPaths: isPath }, signal);
  if (!ok) throw new InfrastructureError(`The repository ${said} cannot be fetched:\n${toolWords(stderr)}`);
};

/** A git that was killed leaves lock files. We hold the lock of the whole repository: nobody needs them. */
const removeLeftLocks = async (gitDir: string): Promise<void> => {
  const below = await readdir(join(gitDir, 'refs'), { recursive: true });
  const names = [...(await readdir(gitDir)), ...below.map((name) => join('refs', name))];
  for (const name of names.filter((each) => basename(each).endsWith('.lock'))) {
    await rm(join(gitDir, name), { force: true });
  }
};
