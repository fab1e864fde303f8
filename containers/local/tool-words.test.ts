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
