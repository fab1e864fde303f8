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

/**
 * The file with some parts replaced.
 *
 * @param old - The file as it is; empty when there is none.
 * @param measured - Name of a part to its Markdown.
 * @param order - Names of all parts; others are dropped.
 */
export const updateResults = (old: string, measured: ReadonlyMap<string, string>, order: readonly string[]): string => {
  const parts = new Map([...partsOf(old), ...measured]);
  const texts = order.flatMap((name) => {
    const text = parts.get(name);
    return text === undefined ? [] : [`${mark(name)}\n\n${text.trim()}`];
  });
  return `${[head, ...texts].join('\n\n')}\n`;
};

const partsOf = (file: string): ReadonlyMap<string, string> => {
  const [, ...pieces] = file.split(marks);
  const names = pieces.filter((_, index) => index % 2 === 0);
  return new Map(names.map((name, index) => [name, pieces[2 * index + 1] ?? '']));
};
