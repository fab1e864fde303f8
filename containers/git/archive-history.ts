import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { eq } from '@renovatebot/pep440';
import { extract } from 'tar-stream';
import { InfrastructureError } from '../../matrices/errors.ts';
import { downloadArchive, sourceArchivesOf, type SourceArchive } from '../local/package-index.ts';
import type { Telling } from '../telling.ts';
import { git } from './git.ts';
import { makeRepository, nameOf, openRepositories, takeTurn, type Repository } from './repository.ts';

/**
 * A history made from released source archives, for where the package index is all that can be reached: one commit a
 * release, at the moment when it was uploaded, in the order given, with a tag such as `v0.12.0`. It is kept in the cache.
 *
 * @param versions - PEP 440 versions, oldest first.
 * @throws InfrastructureError when the index cannot be reached or has no source archive of one of them.
 */
export const archiveHistory = async (
  packageName: string,
  versions: readonly string[],
  telling: Telling,
  signal: AbortSignal,
): Promise<Repository> => {
  const archives = chooseArchives(packageName, versions, await sourceArchivesOf(packageName, telling, signal));
  const id = nameOf(JSON.stringify([recipe, packageName, archives]));
  const store = await openRepositories();
  const gitDir = join(store, `${id}.git`);
  using turn = await takeTurn(store, id, telling, signal);
  void turn;
  if (!existsSync(gitDir)) {
    const fill = async (attempt: string): Promise<void> => {
      const input = Readable.from(importStream(packageName, archives, telling, signal));
      await git(['fast-import', '--quiet', '--done'], { gitDir: attempt, input }, signal);
    };
    await makeRepository(store, id, fill, signal);
  }
  // What is released stays as it is: there is nothing to fetch.
  return { id, gitDir, location: `the source archives of ${packageName}`, update: () => Promise.resolve() };
};

/** Raised when the same archives would become another history. */
const recipe = 1;

const chooseArchives = (
  packageName: string,
  versions: readonly string[],
  archives: readonly SourceArchive[],
): readonly SourceArchive[] =>
  versions.map((version) => {
    const archive = archives.find((each) => eq(each.version, version));
    if (archive !== undefined) return archive;
    throw new InfrastructureError(`The package index has no source archive of ${packageName} ${version}.`);
  });

/** What `git fast-import` reads. Nothing of an archive is ever written to the disk under a name of its own. */
async function* importStream(
  packageName: string,
  archives: readonly SourceArchive[],
  telling: Telling,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (const [position, archive] of archives.entries()) {
    telling.onStep(`downloading the sources of ${packageName} ${archive.version}`);
    const seconds = Math.floor(Date.parse(archive.uploadedAt) / 1000);
    const commit =
      `commit refs/heads/main\nmark :${position + 1}\ncommitter ${packageName} <> ${seconds} +0000\n` +
      `${data(`${packageName} ${archive.version}`)}deleteall\n`;
    yield Buffer.from(commit);
    yield* filesOf(archive, await downloadArchive(archive, telling, signal));
    yield Buffer.from(`reset refs/tags/v${archive.version}\nfrom :${position + 1}\n\n`);
  }
  yield Buffer.from('done\n');
}

async function* filesOf({ url }: SourceArchive, content: Buffer): AsyncGenerator<Buffer> {
  const entries = Readable.from([content])
    .pipe(createGunzip())
    .on('error', (error) => entries.destroy(error))
    .pipe(extract());
  try {
    for await (const entry of entries) {
      const { name, type, mode } = entry.header;
      const path = name
        .split('/')
        .filter((part) => part !== '.')
        .slice(1);
      const isWanted = type === 'file' && path.length > 0 && !isWrittenByBuild(path);
      if (isWanted && path.some((part) => part === '' || part === '..' || part.toLowerCase() === '.git')) {
        throw new InfrastructureError(`${url} has a file of the name ${JSON.stringify(name)}.`);
      }
      const file = await buffer(entry);
      if (!isWanted) continue;
      const kind = (mode & 0o100) === 0 ? '100644' : '100755';
      yield Buffer.from(`M ${kind} inline ${quote(path.join('/'))}\ndata ${file.length}\n`);
      yield file;
      yield Buffer.from('\n');
    }
  } catch (cause) {
    if (cause instanceof InfrastructureError) throw cause;
    throw new InfrastructureError(`${url} is no archive (${cause instanceof Error ? cause.message : String(cause)}).`, {
      cause,
    });
  }
}

/** What a source archive has beside the sources, different in each. */
const isWrittenByBuild = (path: readonly string[]): boolean =>
  path.some((part) => part.endsWith('.egg-info')) || (path.length === 1 && path[0] === 'PKG-INFO');

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

const quote = (path: string): string =>
  `"${path.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`;
