/**
 * What a tool said when it failed, for people: without addresses that may hold a login, warnings and empty lines, and
 * with advice where the network is to blame.
 */
export const toolWords = (words: string): string => {
  const lines = words
    .replaceAll(/:\/\/[^/\s@]*@/g, '://')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('warning:'))
    .slice(0, 20);
  return [...lines, ...(/failed to fetch|error sending request|dns error/i.test(words) ? [networkAdvice] : [])].join(
    '\n',
  );
};

const networkAdvice =
  'The package index cannot be reached: check the network, the proxy and the index (UV_DEFAULT_INDEX, or ' +
  'pip config set global.index-url URL).';
