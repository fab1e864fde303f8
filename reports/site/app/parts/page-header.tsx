import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../page-props.ts';
import { nightsWord } from '../../model/night-words.ts';
import { formatRoute, type PageName } from '../../model/route.ts';
import { keepTheme, storedTheme, themes } from '../theme.ts';

export const PageHeader = ({ index, route }: PageProps): JSX.Element => (
  <header class="top">
    <a class="brand" href="#/matrix">
      <span class="mark-grid" aria-hidden="true" />
      peft-matrix
    </a>
    <nav aria-label="Pages">
      <ul>
        {entries.map(({ page, name, within }) => (
          <li key={page}>
            <a
              href={formatRoute({ page, id: '', params: kept(route.params) })}
              aria-current={route.page === page || within.includes(route.page) ? 'page' : undefined}
            >
              {page === 'night' ? nightsWord(index.data) : name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
    <ThemeButton />
  </header>
);

const entries: readonly { readonly page: PageName; readonly name: string; readonly within: readonly PageName[] }[] = [
  { page: 'matrix', name: 'Matrix', within: ['method', 'release'] },
  { page: 'check', name: 'Will it work?', within: [] },
  { page: 'failures', name: 'Failures', within: ['failure'] },
  { page: 'night', name: 'The night', within: [] },
  { page: 'map', name: 'Heat map', within: [] },
];

/** What somebody measures on stays the same from page to page. */
const kept = ({ on }: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  on === undefined ? {} : { on };

const ThemeButton = (): JSX.Element => {
  const [theme, setTheme] = useState(storedTheme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const change = (): void => {
    keepTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" class="theme" onClick={change} title={`Change to ${next}`}>
      <span class="theme-mark" aria-hidden="true" />
      <span class="theme-name">Theme: {theme}</span>
    </button>
  );
};
