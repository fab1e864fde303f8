/** The pages there are. */
const pageNames = ['matrix', 'map', 'check', 'failures', 'failure', 'method', 'release', 'night'] as const;
/** `nowhere` is what an address asks for that is none of them. */
export type PageName = (typeof pageNames)[number] | 'nowhere';

/** Where the reader is: all of it is in the address, and nothing else is kept anywhere. */
export interface Route {
  readonly page: PageName;
  /** Of a failure, method or release: which one. Of `nowhere`: what the address asks for, as it is written there. */
  readonly id: string;
  /** Filters and choices by name; one that is not chosen is absent. */
  readonly params: Readonly<Record<string, string>>;
}

/** Reads the part of an address after `#`. An empty one is the matrix. */
export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#?\/?/u, ''), '?');
  const [name = '', id = ''] = splitOnce(path, '/');
  const page = name === '' ? 'matrix' : (pageNames.find((known) => known === name) ?? 'nowhere');
  const params = Object.fromEntries([...new URLSearchParams(query)].filter(([, value]) => value !== ''));
  return { page, id: page === 'nowhere' ? path : decode(id), params };
};

/** The address of a route, from `#` on; the same route has one address. */
export const formatRoute = ({ page, id, params }: Route): string => {
  const chosen = Object.entries(params).filter(([, value]) => value !== '');
  const query = new URLSearchParams(chosen.toSorted(([left], [right]) => (left < right ? -1 : 1))).toString();
  if (page === 'nowhere') return `#/${id}${query === '' ? '' : `?${query}`}`;
  return `#/${page}${id === '' ? '' : `/${encodeURIComponent(id.toWellFormed())}`}${query === '' ? '' : `?${query}`}`;
};

const splitOnce = (text: string, separator: string): readonly string[] => {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
