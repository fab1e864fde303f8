import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FilledStage } from './fill-stage.ts';
import { listFiles, type PackedFile } from './list-files.ts';
import type { Stage } from './stages.ts';

/** Where everything of ours lies in an image; `stage.py` knows it too. */
const imageRoot = '/opt/peft-matrix';

/** The Python that sees everything that was installed; `stage.py` makes it. */
export const imagePython = '/opt/environment/bin/python';

/** The program that makes a stage of its files, in the image. */
export const stageProgram = `${imageRoot}/stage.py`;

const programSource = join(import.meta.dirname, 'stage.py');
const probeSource = join(import.meta.dirname, '../../probe/peft_matrix_probe');

/** The folders of a stage that hold Python code. */
export const codeFolders = ({ name, isLast }: Stage): readonly string[] => [
  `${imageRoot}/${name}/site-packages`,
  ...(isLast ? [`${imageRoot}/probe`] : []),
];

/** Everything that a stage adds, by its path below the image's root, in one order on every machine. */
export const filesOf = async (stage: Stage, filled: FilledStage): Promise<readonly PackedFile[]> => {
  const strangers = new Set(
    filled.distributions
      .filter(({ name }) => !stage.holds(name))
      .flatMap(({ files }) => files.map((file) => posix.normalize(file))),
  );
  const packages = (await listFiles(filled.folder)).filter(({ path }) => !isLeftover(path) && !strangers.has(path));
  const files = [
    { path: 'stage.py', source: programSource, executable: false },
    ...below(`${stage.name}/site-packages`, packages),
    ...(stage.isLast ? below('probe/peft_matrix_probe', await probeFiles()) : []),
  ];
  return below(imageRoot.slice(1), files).toSorted((left, right) => (left.path < right.path ? -1 : 1));
};

/** What uv leaves beside packages: a lock, and when it took a wheel from which folder. */
const isLeftover = (path: string): boolean => path === '.lock' || path.endsWith('.dist-info/uv_cache.json');

const below = (folder: string, files: readonly PackedFile[]): readonly PackedFile[] =>
  files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));

/** The probe's package alone, without tests and compiled files. */
const probeFiles = async (): Promise<readonly PackedFile[]> => {
  const files = await listFiles(probeSource);
  return files
    .filter(({ path }) => path.endsWith('.py'))
    .map((file) => ({ ...file, executable: false }))
    .toSorted((left, right) => (left.path < right.path ? -1 : 1));
};

/** Identifies the probe that the last stage holds. */
export const probeHash = async (): Promise<string> => hashOf(await probeFiles());

/** Identifies how a stage is made of its files; raise `recipe` when the same files would become another stage. */
export const recipeHash = async (): Promise<string> =>
  `${recipe}-${await hashOf([{ path: 'stage.py', source: programSource, executable: false }])}`;

const recipe = 1;

const hashOf = async (files: readonly PackedFile[]): Promise<string> => {
  const hash = createHash('sha256');
  for (const { path, source } of files) {
    const content = createHash('sha256')
      .update(await readFile(source))
      .digest('hex');
    hash.update(`${path} ${content}\n`);
  }
  return hash.digest('hex').slice(0, 12);
};
