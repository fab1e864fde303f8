import { readFile } from 'node:fs/promises';
import { InputError } from './errors.ts';
import { readYaml, type YamlDocument } from './read-yaml.ts';

/**
 * Reads a YAML file from disk; `name` is what messages call it.
 *
 * @throws InputError when it does not exist, cannot be read, or is not YAML.
 */
export const readDocument = async (path: string, name: string = path): Promise<YamlDocument> =>
  readYaml(await readInput(path, name), name);

/** Reads a file that somebody named. Throws `InputError` when it does not exist or cannot be read. */
export const readInput = (path: string, name: string): Promise<Buffer> =>
  readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`${name}: ${reasons[cause.code ?? ''] ?? cause.message}`, { cause });
  });

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'this is a folder, not a file',
};
