/** A GitHub table. Cells have been escaped; a missing one is empty. */
export const markdownTable = (
  titles: readonly string[],
  align: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): readonly string[] => [
  row(titles),
  row(titles.map((_, index) => (align[index] === 'right' ? '---:' : '---'))),
  ...rows.map((cells) => row(titles.map((_, index) => cells[index] ?? ''))),
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
