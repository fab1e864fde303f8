import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Combined } from '../../../support-matrix/combine-states.ts';
import { formatRoute } from '../../model/route.ts';
import { sayPlace, shortCombined } from '../../model/words.ts';
import { moveInGrid, stopAtFocus } from '../grid-keys.ts';

/** A line of states: what it is of, and one place a column. */
interface StateLine {
  readonly key: string;
  readonly head: JSX.Element | string;
  /** What the line is of, in words. */
  readonly name: string;
  readonly places: readonly Combined[];
}

interface StateTableProps {
  readonly label: string;
  /** Of the first column. */
  readonly corner: string;
  readonly releases: readonly string[];
  readonly on: string | undefined;
  readonly lines: readonly StateLine[];
  /** Key of the line and release of the place whose evidence is shown. */
  readonly opened: { readonly line: string; readonly release: string } | undefined;
  readonly onOpen: (line: string, release: string) => void;
}

/**
 * A grid of states, releases across. It is one stop of the tab key; arrow keys, Home, End, Page Up and Page Down move in
 * it, Enter shows the evidence.
 */
export const StateTable = (props: StateTableProps): JSX.Element => {
  const { label, corner, releases, on, lines, opened, onOpen } = props;
  const scroll = useRef<HTMLDivElement>(null);
  // The newest releases are what most people came for.
  useLayoutEffect(() => scroll.current?.scrollTo({ left: scroll.current.scrollWidth, behavior: 'instant' }), []);
  useLayoutEffect(() => {
    scroll.current?.querySelector('[aria-expanded="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [opened?.line, opened?.release]);
  useLayoutEffect(() => {
    if (scroll.current !== null) keepOneStop(scroll.current);
  }, [lines]);
  // Lines stay the same elements as long as their places do: a filter that hides some has little to do.
  const known = useRef(new WeakMap<readonly Combined[], JSX.Element>());
  const rows = useMemo(
    () =>
      lines.map((line) => {
        const isOpen = opened?.line === line.key;
        const made = isOpen ? undefined : known.current.get(line.places);
        const row = made ?? (
          <Row key={line.key} line={line} releases={releases} opened={isOpen ? opened.release : undefined} />
        );
        if (!isOpen) known.current.set(line.places, row);
        return row;
      }),
    [lines, releases, opened?.line, opened?.release],
  );
  const open = ({ target }: Event): void => {
    const button = target instanceof Element ? target.closest<HTMLElement>('button[data-release]') : null;
    if (button !== null) onOpen(button.dataset['line'] ?? '', button.dataset['release'] ?? '');
  };
  return (
    <div class="scroll states" ref={scroll}>
      <table role="grid" aria-label={label} onKeyDown={moveInGrid} onFocusIn={stopAtFocus} onClick={open}>
        <thead>
          <tr>
            <th scope="col" class="corner">
              {corner}
            </th>
            {releases.map((release) => (
              <th scope="col" key={release}>
                <a
                  tabIndex={-1}
                  href={formatRoute({ page: 'release', id: release, params: on === undefined ? {} : { on } })}
                >
                  {release}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
    </div>
  );
};

interface RowProps {
  readonly line: StateLine;
  readonly releases: readonly string[];
  readonly opened: string | undefined;
}

const Row = ({ line: { key, head, name, places }, releases, opened }: RowProps): JSX.Element => (
  <tr>
    <th scope="row">{head}</th>
    {places.map((combined, at) => {
      const release = releases[at] ?? '';
      return (
        <td key={release}>
          <button
            type="button"
            tabIndex={-1}
            class={combined.state}
            data-line={key}
            data-release={release}
            aria-label={`${name} ${release} ${sayPlace(combined)}`}
            aria-expanded={opened === release}
          >
            {shortCombined(combined)}
          </button>
        </td>
      );
    })}
  </tr>
);

/** Exactly one place can be reached with the tab key: the one that had the focus last, at first the newest release. */
const keepOneStop = (table: Element): void => {
  if (table.querySelector('td [tabindex="0"], th [tabindex="0"]') !== null) return;
  const first = table.querySelector('tbody tr');
  first?.querySelector<HTMLElement>('td:last-child button')?.setAttribute('tabindex', '0');
};
