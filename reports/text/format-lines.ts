/**
 * JSON for tables: an object with one line for each item of its lists and for each entry of its records, so that big files
 * stay small and two of them can be compared line by line.
 */
export const formatLines = (value: Readonly<Record<string, unknown>>): string => {
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => `  ${JSON.stringify(name)}: ${formatPart(part)}`);
  return `{\n${parts.join(',\n')}\n}\n`;
};

const formatPart = (part: unknown): string => {
  if (Array.isArray(part)) return enclose('[', part.map(oneLineOf), ']');
  if (typeof part !== 'object' || part === null) return oneLineOf(part);
  const entries = Object.entries(part).filter(([, item]) => item !== undefined);
  return enclose(
    '{',
    entries.map(([name, item]) => `${JSON.stringify(name)}: ${oneLineOf(item)}`),
    '}',
  );
};

const enclose = (open: string, items: readonly string[], close: string): string =>
  items.length === 0 ? open + close : `${open}\n${items.map((item) => `    ${item}`).join(',\n')}\n  ${close}`;

const oneLineOf = (value: unknown): string => JSON.stringify(value);
