import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../containers/local/make-folder.ts';
import { InfrastructureError, InputError } from '../matrices/errors.ts';
import { orExplain, sweepTemporaries, temporaryName, writeAtomically } from './write-atomically.ts';

/**
 * `.peft-matrix/`: the ledger, checkpoints that other releases read, one folder a campaign, and `latest`, a link to the newest of them.
 *
 * The folder ignores itself, so that a project which uses us need not.
 */
export class ResultsFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get ledger(): string {
    return join(this.path, 'ledger.sqlite');
  }

  /** What cells of other releases read; it may be removed at any time. */
  get checkpoints(): string {
    return join(this.path, 'checkpoints');
  }

  /** The folder of a campaign; `latest` is the last one that was run. */
  campaign(id: string): string {
    return id === 'latest' ? this.latest : join(this.path, 'campaigns', id);
  }

  /** Ids of the campaigns that there are, sorted. */
  async campaigns(): Promise<readonly string[]> {
    const names = await readdir(join(this.path, 'campaigns')).catch(() => []);
    return names.toSorted((left, right) => (left < right ? -1 : 1));
  }

  get latest(): string {
    return join(this.path, 'latest');
  }

  get #ignore(): string {
    return join(this.path, '.gitignore');
  }

  /**
   * Makes the folder, and removes what a killed process left half written in it.
   *
   * @throws {InputError} When there can be no folder of that name.
   * @throws {InfrastructureError} When the folder cannot be written.
   */
  async create(): Promise<void> {
    const made = await makeFolder(join(this.path, 'campaigns')).catch((error: unknown) => ({ error }));
    if (made !== undefined) refuseImpossible(this.path, made.error);
    await orExplain(this.path, async () => {
      if (made !== undefined) throw made.error;
      if (!existsSync(this.#ignore)) await writeAtomically(this.#ignore, ignoreAll);
      await sweepTemporaries(this.path);
    });
  }

  /** Writes the files of a campaign, each in one step, and points `latest` at it. */
  async publish(id: string, files: Readonly<Record<string, string>>): Promise<void> {
    const folder = this.campaign(id);
    await orExplain(folder, async () => {
      await makeFolder(folder);
      for (const [name, text] of Object.entries(files)) await writeAtomically(join(folder, name), text);
      const link = temporaryName(this.latest);
      await rm(link, { force: true });
      await symlink(join('campaigns', id), link);
      await rename(link, this.latest);
    });
  }

  /** Removes what is ours in the folder, and the folder if nothing else is in it. */
  async remove(): Promise<void> {
    const ledgerFiles = ['', '-wal', '-shm'].map((suffix) => `${this.ledger}${suffix}`);
    const ours = ['campaigns', 'checkpoints', 'locks', 'bisects', 'nights', 'site', 'latest'].map((name) =>
      join(this.path, name),
    );
    await orExplain(this.path, async () => {
      for (const path of [...ledgerFiles, ...ours]) await rm(path, { recursive: true, force: true });
      if ((await readFile(this.#ignore, 'utf8').catch(() => '')) === ignoreAll) await rm(this.#ignore);
      await rmdir(this.path).catch(() => {});
    });
  }

  /** Whether a campaign has such a file. */
  has(id: string, name: string): boolean {
    return campaignIds.test(id) && existsSync(join(this.campaign(id), name));
  }

  /** A file of a campaign, or of the latest; undefined when there is none, or `id` can be that of no campaign. */
  async read(id: string | undefined, name: string): Promise<string | undefined> {
    if (id !== undefined && !campaignIds.test(id)) return undefined;
    const folder = id === undefined ? this.latest : this.campaign(id);
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
        return undefined;
      throw new InfrastructureError(`Cannot read ${join(folder, name)}: ${String(error)}`, { cause: error });
    }
  }
}

/** What `campaignId` makes of the name of a matrix; nothing that could lead out of the folder. */
const campaignIds = /^[a-z0-9][a-z0-9._-]{0,200}$/;

/** A folder with a `.gitignore` of other words is somebody's own. */
const ignoreAll = '*\n';

/** What the file system says where no folder can be, however much space and whatever rights there are. */
const impossible: Readonly<Record<string, (path: string, reason: string) => string>> = {
  EEXIST: (path) => `${path} is a file, not a folder`,
  ENOENT: (_, reason) => reason,
  ENAMETOOLONG: (_, reason) => reason,
  ELOOP: (_, reason) => reason,
};

const refuseImpossible = (path: string, error: unknown): void => {
  if (!(error instanceof Error && 'code' in error)) return;
  const because = impossible[String(error.code)];
  if (because === undefined) return;
  const inTheWay = 'path' in error ? String(error.path) : path;
  throw new InputError(`--results ${path}: ${because(inTheWay, error.message)}. Name another folder with --results`, {
    cause: error,
  });
};
