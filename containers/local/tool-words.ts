/**
 * What a tool said when it failed, for people: without addresses that may hold a login, warnings and empty lines, and
 * with advice where the network is to blame.
 */
export const toolWords = (words: string): string => {
  const lines = words
    .replaceAll(/:\/\/[^/\s@]*@/g, '://')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('warning:'));
  return [
    ...shorten(withoutProgress(lines)),
    ...(/failed to fetch|error sending request|dns error/i.test(words) ? [networkAdvice] : []),
  ].join('\n');
};

/** Of a build that failed, uv shows how far it came (`[stdout]`), then what went wrong (`[stderr]`). */
const withoutProgress = (lines: readonly string[]): readonly string[] => {
  const marked = (mark: string): number => lines.findIndex((line) => line.trim() === mark);
  const [progress, trouble] = [marked('[stdout]'), marked('[stderr]')];
  return progress === -1 || trouble < progress ? lines : [...lines.slice(0, progress), ...lines.slice(trouble + 1)];
};

/** A compiler's first error says most, and a traceback's last line. */
const shorten = (lines: readonly string[]): readonly string[] =>
  lines.length <= 20 ? lines : [...lines.slice(0, 10), '...', ...lines.slice(-10)];

const networkAdvice =
  'The package index cannot be reached: check the network, the proxy and the index (UV_DEFAULT_INDEX, or ' +
  'pip config set global.index-url URL).';
