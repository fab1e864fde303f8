import { eq, valid } from '@renovatebot/pep440';
import { InputError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { git, tryGit } from './git.ts';
import { findCommit, listTags } from './history.ts';
import type { Repository } from './repository.ts';

/**
 * The full hash of a tag, branch, commit, or release of a package: the tag of the release or, where that is missing, the
 * commit at which the package began to call itself that.
 *
 * @throws InputError when there is neither, also where the repository came from.
 */
export const resolveCommit = async (
  repository: Repository,
  packageName: string,
  name: string,
  telling: Telling,
  signal: AbortSignal,
): Promise<string> => {
  // A tag may be called v0.12.0, and a hash may be 1234567.
  if (!/^\d+\./.test(name) || valid(name) === null) {
    const found = await findCommit(repository, name, telling, signal);
    if (found !== undefined) return found;
    throw new InputError(`${repository.location} has no tag, branch or commit ${name}.`);
  }
  const known = await findRelease(repository, packageName, name, signal);
  if (known !== undefined) return known;
  await repository.update(telling, signal);
  const found =
    (await findRelease(repository, packageName, name, signal)) ??
    (await findVersionChange(repository, packageName, name, signal));
  if (found !== undefined) return found;
  const newest = await git(['log', '--all', '--max-count=1', '--format=%cs'], repository, signal);
  throw new InputError(
    `${repository.location} has neither a tag for ${packageName} ${name} (such as v${name}), nor a commit at which its ` +
      `version became that. Its newest commit is of ${newest === '' ? 'no day: it is empty' : newest}. Is it the repository of ${packageName}?`,
  );
};

/** The commit of the release's tag, however it is spelled: `v0.12.0`, `0.12`, `release-0.12.0`, `peft-v0.12.0`. */
const findRelease = async (
  repository: Repository,
  packageName: string,
  version: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const prefix = new RegExp(`^(?:${packageName}[-_@/]?)?(?:release[-_/]?)?[vV]?`, 'u');
  const tags = (await listTags(repository, signal)).filter((tag) => {
    const said = tag.replace(prefix, '');
    return valid(said) !== null && eq(said, version);
  });
  const [tag] = tags.toSorted((left, right) => left.length - right.length);
  if (tag === undefined) return undefined;
  return git(['rev-parse', '--verify', `refs/tags/${tag}^{commit}`], repository, signal);
};

/** The oldest commit on any branch that made the version what it is asked for, where the version is written down. */
const findVersionChange = async (
  repository: Repository,
  packageName: string,
  version: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const module = packageName.replaceAll('-', '_');
  const files = [`src/${module}/__init__.py`, `${module}/__init__.py`, 'setup.py', 'pyproject.toml'];
  const pattern = `version.*["']${version.replaceAll('.', String.raw`\.`)}["']`;
  for (const file of files) {
    // Changes of the number of such lines: those that bring one, and those that take it away again.
    const args = ['log', '--all', '--reverse', '--topo-order', '--format=%H', `-G${pattern}`, '--', file];
    for (const hash of (await git(args, repository, signal)).split('\n').filter((line) => line !== '')) {
      const content = await tryGit(['show', `${hash}:${file}`], repository, signal);
      if (content.ok && new RegExp(pattern, 'u').test(content.stdout)) return hash;
    }
  }
  return undefined;
};
