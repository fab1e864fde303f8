import { describe, expect, test } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

describe('nearest spelling', () => {
  test.each([
    ['adaptor', 'adapter'],
    ['shrading', 'sharding'],
    ['Precison', 'precision'],
    ['use-orig-params', 'use_orig_params'],
  ])('%s means %s', (word, meant) => {
    expect(nearest(word, ['adapter', 'sharding', 'precision', 'use_orig_params'])).toBe(meant);
  });

  test('a word that is far from all means none', () => {
    expect(didYouMean('quantisation', ['adapter', 'rank'])).toBe('');
  });

  test('one letter is never near another', () => {
    expect(nearest('x', ['y'])).toBeUndefined();
  });
});
