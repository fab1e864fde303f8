import { expect, test } from 'vitest';
import { toolWords } from './tool-words.ts';

test('the words of a tool are kept without logins and warnings', () => {
  expect(toolWords('warning: chatter\nerror: no\n\n  cause: https://me:word@index.example/six/ \n')).toBe(
    'error: no\n  cause: https://index.example/six/',
  );
});

test('advice is added where the network is to blame', () => {
  expect(toolWords('error: Failed to fetch: http://index.example/simple/six/')).toContain(
    '\nThe package index cannot be reached',
  );
});

test('of a failed build what went wrong is kept, not how far it came', () => {
  const words = ['error: Failed to build', '  [stdout]', '  running build', '  [stderr]', '  fast.c:2: error: no'];
  expect(toolWords(words.join('\n'))).toBe('error: Failed to build\n  fast.c:2: error: no');
  expect(toolWords([words[0], words[3], words[4]].join('\n'))).toContain('error: no');
});

test('of many words the first and the last are kept', () => {
  const words = toolWords(Array.from({ length: 50 }, (_, place) => `line ${place}`).join('\n')).split('\n');
  expect(words).toHaveLength(21);
  expect([words[9], words[10], words[11], words.at(-1)]).toEqual(['line 9', '...', 'line 40', 'line 49']);
});
