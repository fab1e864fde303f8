import { ownValue } from './own-value.ts';
import type { PageName, Route } from './route.ts';
import { nightsWord } from './night-words.ts';
import { methodsOf, type SiteIndex } from './site-index.ts';

/** What the tab is called; what the data do not have is not named as if it were there. */
export const titleOf = (index: SiteIndex, { page, id }: Pick<Route, 'page' | 'id'>): string => {
  if (!isHere(index, page, id)) return titles.nowhere;
  if (page === 'night') return nightsWord(index.data);
  return id === '' ? titles[page] : `${titles[page]} ${id}`;
};

const isHere = (index: SiteIndex, page: PageName, id: string): boolean => {
  switch (page) {
    case 'failure':
      return ownValue(index.matrix.failures, id) !== undefined;
    case 'method':
      return methodsOf(index).includes(id);
    case 'release':
      return index.matrix.releases.includes(id);
    case 'nowhere':
      return false;
    case 'matrix':
    case 'map':
    case 'check':
    case 'failures':
    case 'night':
      return true;
  }
};

const titles: Readonly<Record<PageName, string>> = {
  matrix: 'Support matrix',
  map: 'Heat map',
  check: 'Will it work?',
  failures: 'Failures',
  failure: 'Failure',
  method: 'Method',
  release: 'Release',
  night: 'The night',
  nowhere: 'Not here',
};
