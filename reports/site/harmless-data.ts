import { visibleText } from '../text/visible-text.ts';

/**
 * The same data with every string, names of fields too, made fit to be shown: control, bidirectional and invisible
 * characters are put into words, and what is longer than `limit` characters is cut. References by name keep fitting, for
 * all are changed alike.
 */
export const harmlessData = <T>(data: T, limit = 4_000): T => {
  const known = new Map<string, string>();
  const shown = (text: string): string => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const visible = visibleText(text, limit);
    if (text.length < 200) known.set(text, visible);
    return visible;
  };
  // The shape stays, so the type does.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return mapStrings(data, shown) as T;
};

const mapStrings = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), mapStrings(item, change)]));
};
