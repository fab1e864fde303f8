import { mkdir, readFile, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError } from '../matrices/errors.ts';

/**
 * `.peft-matrix/`: the ledger, one folder a campaign, and `latest`, a link to the newest of them.
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

  campaign(id: string): string {
    return join(this.path, 'campaigns', id);
  }

  get latest(): string {
    return join(this.path, 'latest');
  }

  /** @throws {InfrastructureError} When the folder cannot be written. */
  async create(): Promise<void> {
    await orExplain(this.path, async () => {
      await mkdir(join(this.path, 'campaigns'), { recursive: true });
      await writeAtomically(join(this.path, '.gitignore'), '*\n');
    });
  }

  /** Writes the files of a campaign, each in one step, and points `latest` at it. */
  async publish(id: string, files: Readonly<Record<string, string>>): Promise<void> {
    const folder = this.campaign(id);
    await orExplain(folder, async () => {
      await mkdir(folder, { recursive: true });
      for (const [name, text] of Object.entries(files)) await writeAtomically(join(folder, name), text);
      const link = `${this.latest}.${process.pid}`;
      await rm(link, { force: true });
      await symlink(join('campaigns', id), link);
      await rename(link, this.latest);
    });
  }

  /** Removes what is ours in the folder, and the folder if nothing else is in it. */
  async remove(): Promise<void> {
    const ledgerFiles = ['', '-wal', '-shm'].map((suffix) => `${this.ledger}${suffix}`);
    const ours = ['campaigns', 'locks', 'latest', '.gitignore'].map((name) => join(this.path, name));
    await orExplain(this.path, async () => {
      for (const path of [...ledgerFiles, ...ours]) await rm(path, { recursive: true, force: true });
      await rmdir(this.path).catch(() => {});
    });
  }

  /** A file of a campaign, or of the latest; undefined when there is none. */
  async read(id: string | undefined, name: string): Promise<string | undefined> {
    const folder = id === undefined ? this.latest : this.campaign(id);
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new InfrastructureError(`Cannot read ${join(folder, name)}: ${String(error)}`, { cause: error });
    }
  }
}

const writeAtomically = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

const orExplain = async (path: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = /ENOSPC/.test(reason) ? 'the disk is full: free some space' : 'choose another folder with --results';
    throw new InfrastructureError(`Cannot write ${path}: ${reason}; ${remedy}`, { cause });
  }
};
