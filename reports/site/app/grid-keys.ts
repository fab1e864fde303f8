/** Moves the focus in a grid that has one link or button to a cell, headings included. */
export const moveInGrid = (event: KeyboardEvent): void => {
  const { target, currentTarget } = event;
  if (!(target instanceof HTMLElement) || !(currentTarget instanceof HTMLTableElement)) return;
  if (event.altKey || event.metaKey || event.shiftKey) return;
  const next = nextPlace(currentTarget, target, event);
  if (next === undefined) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
};

/** Makes the place that has the focus the grid's only stop of the tab key. */
export const stopAtFocus = ({ target, currentTarget }: FocusEvent): void => {
  if (!(target instanceof HTMLElement) || !(currentTarget instanceof Element)) return;
  for (const stop of currentTarget.querySelectorAll<HTMLElement>('[tabindex="0"]')) stop.tabIndex = -1;
  target.tabIndex = 0;
};

/** Rows that Page Up and Page Down go. */
const page = 10;

const nextPlace = (
  table: HTMLTableElement,
  from: HTMLElement,
  { key, ctrlKey }: KeyboardEvent,
): HTMLElement | undefined => {
  const cell = from.closest<HTMLTableCellElement>('td, th');
  const row = cell?.parentElement;
  if (cell === null || !(row instanceof HTMLTableRowElement)) return undefined;
  const [at, column] = [row.rowIndex, cell.cellIndex];
  const [lastRow, lastColumn] = [table.rows.length - 1, row.cells.length - 1];
  const place = (line: number, across: number): HTMLElement | undefined => {
    const found = table.rows[within(line, lastRow)]?.cells[within(across, lastColumn)];
    return found?.querySelector<HTMLElement>('a, button') ?? undefined;
  };
  switch (key) {
    case 'ArrowRight':
      return place(at, column + 1);
    case 'ArrowLeft':
      return place(at, column - 1);
    case 'ArrowDown':
      return place(at + 1, column);
    case 'ArrowUp':
      return place(at - 1, column);
    case 'Home':
      return ctrlKey ? place(1, 1) : place(at, 1);
    case 'End':
      return ctrlKey ? place(lastRow, lastColumn) : place(at, lastColumn);
    case 'PageDown':
      return place(at + page, column);
    case 'PageUp':
      return place(Math.max(1, at - page), column);
    default:
      return undefined;
  }
};

const within = (value: number, limit: number): number => Math.max(0, Math.min(limit, value));
