import { readFile } from 'node:fs/promises';
import { InputError } from './errors.ts';
import { readYaml, type YamlDocument } from './read-yaml.ts';

/**
 * Reads a YAML file from disk; `name` is what messages call it.
 *
 * @throws InputError when it does not exist, cannot be read, or is not YAML.
 */
export const readDocument = async (path: string, name: string = path): Promise<YamlDocument> => {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`${name}: ${reasons[cause.code ?? ''] ?? cause.message}`, { cause });
  });
  return readYaml(bytes, name);
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'this is a folder, not a file',
};
