import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder, buildApp } from './build-app.ts';
import { makePage } from './page.ts';

/** What a package brings along in place of the app's source. */
const packed = join(import.meta.dirname, 'template.html');

const root = join(import.meta.dirname, '..', '..');

/** Folders that the app imports from; whatever changes in them makes another page. */
const sourceFolders = ['matrices', 'properties', 'reports'];

/**
 * The page without data. In a clone it is built from source when it is first asked for, and kept in `node_modules/.cache`
 * under the hash of that source, so it is never stale; in a package it lies ready.
 */
export const siteTemplate = async (): Promise<string> => {
  if (!existsSync(appFolder)) return readFile(packed, 'utf8');
  const kept = join(root, 'node_modules', '.cache', 'peft-matrix', `site-${await hashOfSource()}.html`);
  if (existsSync(kept)) return readFile(kept, 'utf8');
  const page = makePage(await buildApp());
  await keep(kept, page);
  return page;
};

/** Renamed into place, for two may build at once. A tree that cannot be written to is built in each time. */
const keep = async (path: string, page: string): Promise<void> => {
  const aside = `${path}.${process.pid}`;
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(aside, page);
    await rename(aside, path);
  } catch (error) {
    const isReadOnly =
      error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code));
    if (!isReadOnly) throw error;
  }
};

const hashOfSource = async (): Promise<string> => {
  const lockfile = join(root, 'package-lock.json');
  const sources = await Promise.all(sourceFolders.map(sourcesIn));
  const files = [...sources.flat(), ...(existsSync(lockfile) ? [lockfile] : [])];
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file.slice(root.length))
      .update('\0')
      .update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
};

const sourcesIn = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(join(root, folder), { recursive: true });
  return names
    .filter((name) => /\.(?:tsx?|css|json)$/u.test(name))
    .toSorted()
    .map((name) => join(root, folder, name));
};
