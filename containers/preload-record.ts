import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { probeSemantics } from './protocol.ts';

/** Name of the file, beside whatever environment or image it was settled for. */
export const preloadName = `preload-${probeSemantics}.json`;

const modulesSchema = z.array(z.string().regex(/^[\w.]+$/));

/** The modules that a probe's parent imports for its children, as they were settled; undefined before that. */
export const readPreload = async (file: string): Promise<readonly string[] | undefined> => {
  try {
    return modulesSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Not there, or not whole after a crash of the machine: they are settled anew.
    return undefined;
  }
};

/** Keeps what a probe settled. In one step: another probe of this environment may be about to do the same. */
export const recordPreload = async (file: string, modules: readonly string[]): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(modules, null, 1)}\n`);
    await rename(temporary, file);
  } catch {
    // The next probe settles them again, which takes a few seconds and loses nothing.
    await rm(temporary, { force: true }).catch(() => {});
  }
};
