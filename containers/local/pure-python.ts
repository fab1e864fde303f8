import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Whether the package of a source tree can be imported as it is: nothing of it is compiled or written when it is built.
 *
 * Read from what a build would read, without running it: the backend must be one that only copies Python files, and
 * nothing may ask for extension modules or a version file. In doubt it is not pure.
 */
export const isPure = async (tree: string, packageFolder: string): Promise<boolean> => {
  const project = await readIfThere(join(tree, 'pyproject.toml'));
  const setup = `${await readIfThere(join(tree, 'setup.py'))}\n${await readIfThere(join(tree, 'setup.cfg'))}`;
  const backend = /^\s*build-backend\s*=\s*["'](?<name>[^"']+)["']/m.exec(project)?.groups?.['name'];
  if (backend !== undefined && !copyingBackends.has(backend)) return false;
  if (signs.some((sign) => sign.test(`${project}\n${setup}`))) return false;
  const names = await readdir(packageFolder, { recursive: true });
  return !names.some((name) => /\.(?:pyx|so|pyd|dylib)$/.test(name));
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

/** Of extension modules, and of a part that is written when it is built. */
const signs: readonly RegExp[] = [
  /\bext[_-]modules\b|\bExtension\s*\(|\bcythonize\b/,
  /\bcffi_modules\b|\brust_extensions\b|\bRustExtension\s*\(/,
  /\bCppExtension\b|\bCUDAExtension\b|\bcmake\b/i,
  /\b(?:version_file|write_to|version-file)\s*=/,
];

const readIfThere = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
