import { copyFile, glob, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { siteTemplate } from '../reports/site/site-template.ts';

/**
 * `npm pack` runs this first: it makes `dist/`, which is all of us that is in the package. Node strips no types below
 * `node_modules`, so what the command line reaches is compiled; the tree is the same, so that whatever is found beside a
 * module is found there too.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** What the program reads beside its modules. */
const data = [
  'matrices/*.yaml',
  'matrices/{locks,schema}/**/*.json',
  'containers/docker/images/stage.py',
  'containers/probe/peft_matrix_probe/*.py',
];

await rm(dist, { recursive: true, force: true });
await execa('tsc', ['--project', 'tsconfig.build.json'], { cwd: root, preferLocal: true, stdio: ['ignore', 2, 2] });
for await (const file of glob(data, { cwd: root })) {
  await mkdir(dirname(join(dist, file)), { recursive: true });
  await copyFile(join(root, file), join(dist, file));
}
await writeFile(join(dist, 'reports/site/template.html'), await siteTemplate());
