import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { valid } from '@renovatebot/pep440';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { SourceTree } from '../../matrices/pin.ts';
import type { Telling } from '../telling.ts';
import { cacheSubfolder } from './cache-folder.ts';
import { installTree } from './install-tree.ts';
import { writtenOnce } from './kept-folder.ts';
import { isPure } from './pure-python.ts';
import { shortHash } from './short-hash.ts';
import { originFile, originOf } from './tree-origin.ts';

/**
 * A folder that, in front on the import path, puts the package of a source tree in place of the installed one: the sources
 * themselves where they are pure Python, else what is built from them.
 *
 * @param python - Executable of the environment of the tree's lock.
 * @throws InfrastructureError when the tree has no such package, or it cannot be built.
 */
export const overlayTree = async (
  tree: SourceTree,
  python: string,
  telling: Telling,
  signal: AbortSignal,
): Promise<string> => {
  const folder = await findPurePackage(tree);
  return folder === undefined ? installTree(tree, python, telling, signal) : linkPackage(tree, folder);
};

/**
 * It has a link to the package alone: the root of a tree has other folders, such as `tests`, that are nobody's packages.
 * Beside it stands what an installer would write: other libraries ask the installed version for what they may use, and
 * that of the lock would be a lie.
 */
const linkPackage = async (tree: SourceTree, folder: string): Promise<string> => {
  const module = moduleOf(tree);
  const version = (await readVersion(folder)) ?? tree.lock.packages[tree.package] ?? '0';
  const store = await cacheSubfolder(process.env, 'overlays');
  const name = shortHash([recipe, folder, module, version, tree.commit]);
  return writtenOnce(join(store, name), async (attempt) => {
    await symlink(folder, join(attempt, module));
    await writeMetadata(attempt, tree, version);
    return attempt;
  });
};

/** Raised when the same tree would get another overlay. */
const recipe = 1;

const moduleOf = ({ package: name }: SourceTree): string => name.replaceAll('-', '_');

/**
 * The folder of the package in a tree, where that is all there is to it; undefined for what has to be built first: extension
 * modules, and packages that lie elsewhere, which its build alone knows.
 *
 * @throws InfrastructureError when there is neither the package nor a build.
 */
export const findPurePackage = async (tree: SourceTree): Promise<string | undefined> => {
  const { path, package: name } = tree;
  const module = moduleOf(tree);
  const found = [join(path, 'src', module), join(path, module)].find((folder) =>
    existsSync(join(folder, '__init__.py')),
  );
  if (found !== undefined) return (await isPure(path, found)) ? found : undefined;
  if (['pyproject.toml', 'setup.py'].some((file) => existsSync(join(path, file)))) return undefined;
  throw new InfrastructureError(
    `There is no ${name} in ${path}: neither src/${module}/__init__.py nor ${module}/__init__.py, and nothing to build.`,
  );
};

/** The version that a package says of itself, as far as it can be read without running it. */
const readVersion = async (folder: string): Promise<string | undefined> => {
  const text = await readFile(join(folder, '__init__.py'), 'utf8');
  const said = /^__version__\s*(?::\s*str\s*)?=\s*(?<quote>["'])(?<version>[^"']+)\k<quote>/m.exec(text)?.groups?.[
    'version'
  ];
  return said === undefined || valid(said) === null ? undefined : said;
};

/** The dist-info of an installation from a repository, or of an editable one (PEP 376, PEP 610). */
const writeMetadata = async (overlay: string, tree: SourceTree, version: string): Promise<void> => {
  const folder = join(overlay, `${moduleOf(tree)}-${version}.dist-info`);
  await mkdir(folder);
  await writeFile(join(folder, 'METADATA'), `Metadata-Version: 2.1\nName: ${tree.package}\nVersion: ${version}\n`);
  await writeFile(join(folder, originFile), JSON.stringify(originOf(tree)));
};
