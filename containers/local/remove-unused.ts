import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder of the cache is called while it is written; what is left of it belongs to a process that was killed. */
export const unfinished = '.writing-';

/** What stays in a store, however old. */
export interface Keeping {
  /** So many of its folders, the most recently used ones. */
  readonly count: number;
  /** No folder is written for longer, in milliseconds. */
  readonly writingMs: number;
}

const keptForMs = 7 * 24 * 3_600_000;

/** Removes what was not used for a week, where there is much, and what killed processes left. A use sets the time of a folder. */
export const removeUnused = async (store: string, { count, writingMs }: Keeping): Promise<void> => {
  const now = Date.now();
  // Locks are kept beside them, in a folder with a point.
  const names = (await readdir(store)).filter((name) => !name.startsWith('.') || name.startsWith(unfinished));
  const entries = await Promise.all(
    names.map(async (name) => {
      const usedAt = await stat(join(store, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => now,
      );
      return { name, ageMs: now - usedAt };
    }),
  );
  const old = entries
    .toSorted((left, right) => left.ageMs - right.ageMs)
    .filter(({ name, ageMs }, position) =>
      name.startsWith(unfinished) ? ageMs > writingMs : position >= count && ageMs > keptForMs,
    );
  for (const { name } of old) await rm(join(store, name), { recursive: true, force: true });
};
