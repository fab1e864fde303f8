import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * `RESULTS.md` in parts, each with what it was measured on: so one can be measured anew without the others, and what
 * stands side by side in a part is of one run.
 */

const head = [
  '# Bench',
  'Written by `npm run bench`; `npm run bench -- --only cell` measures that part anew and leaves the others. Times are medians, with the least and the most in parentheses.',
].join('\n\n');

const mark = (name: string): string => `<!-- part: ${name} -->`;
const marks = /^<!-- part: (\w+) -->$/m;

/** Names of all parts, in the order of the file: those of `run.ts`, and of scripts of their own. */
const order = [
  'cell',
  'cold',
  'memory',
  'containers',
  'campaign',
  'history',
  'ledger',
  'plan',
  'blame',
  'aa',
  'score',
  'bisect',
  'week',
  'mutants',
];

const resultsFile = join(import.meta.dirname, 'RESULTS.md');

/** Replaces some parts of the file: name of a part to its Markdown. */
export const writeParts = async (measured: ReadonlyMap<string, string>): Promise<void> => {
  const old = await readFile(resultsFile, 'utf8').catch(() => '');
  const parts = new Map([...partsOf(old), ...measured]);
  const texts = order.flatMap((name) => {
    const text = parts.get(name);
    return text === undefined ? [] : [`${mark(name)}\n\n${text.trim()}`];
  });
  await writeFile(resultsFile, `${[head, ...texts].join('\n\n')}\n`);
};

const partsOf = (file: string): ReadonlyMap<string, string> => {
  const [, ...pieces] = file.split(marks);
  const names = pieces.filter((_, index) => index % 2 === 0);
  return new Map(names.map((name, index) => [name, pieces[2 * index + 1] ?? '']));
};
