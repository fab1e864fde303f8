import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Why a source tree cannot be imported as it is, or undefined when it can: nothing of its package is compiled or written
 * when it is built.
 *
 * Read from what a build would read, without running it: the backend must be one that only copies Python files, and
 * nothing may ask for extension modules or a version file. In doubt it is not pure.
 */
export const impurity = async (tree: string, packageFolder: string): Promise<string | undefined> => {
  const project = await readIfThere(join(tree, 'pyproject.toml'));
  const setup = `${await readIfThere(join(tree, 'setup.py'))}\n${await readIfThere(join(tree, 'setup.cfg'))}`;
  const backend = /^\s*build-backend\s*=\s*["'](?<name>[^"']+)["']/m.exec(project)?.groups?.['name'];
  if (backend !== undefined && !copyingBackends.has(backend)) return `for it is built by ${backend}`;
  const sign = signs.find(([pattern]) => pattern.test(`${project}\n${setup}`));
  if (sign !== undefined) return sign[1];
  const names = await readdir(packageFolder, { recursive: true });
  const compiled = names.find((name) => /\.(?:pyx|so|pyd|dylib)$/.test(name));
  return compiled === undefined ? undefined : `for it has ${compiled}`;
};

const copyingBackends: ReadonlySet<string> = new Set([
  'setuptools.build_meta',
  'setuptools.build_meta:__legacy__',
  'hatchling.build',
  'flit_core.buildapi',
  'poetry.core.masonry.api',
  'pdm.backend',
  'uv_build',
]);

const signs: readonly (readonly [RegExp, string])[] = [
  [/\bext[_-]modules\b|\bExtension\s*\(|\bcythonize\b/, 'for it has extension modules'],
  [/\bcffi_modules\b|\brust_extensions\b|\bRustExtension\s*\(/, 'for it has extension modules'],
  [/\bCppExtension\b|\bCUDAExtension\b|\bcmake\b/i, 'for it is compiled'],
  [/\b(?:version_file|write_to|version-file)\s*=/, 'for a part of it is written when it is built'],
];

const readIfThere = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
