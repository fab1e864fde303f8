import { EVENT_ID, SCALAR_STYLE, getScalarValue, type Event, type ScalarEvent } from 'js-yaml';

/** Where something stands in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Keys and indices from the top of a document down to a value. */
export type Path = readonly PropertyKey[];

/** Where the values of a document, and the keys that lead to them, stand in its source. */
export interface Positions {
  /** Of the value at `path`, or of the innermost value on the way to it that exists. */
  readonly value: (path: Path) => Position;
  /** Of the key that leads to `path`; that of the value when there is no such key. */
  readonly key: (path: Path) => Position;
  /** The scalar at `path` as it is written, without quotes; undefined when it is no scalar. */
  readonly written: (path: Path) => string | undefined;
}

interface Place {
  readonly value: number;
  readonly key?: number;
  readonly written?: string;
}

/** Finds every value of the first document of `events`, which js-yaml's parser made of `source`. */
export const positionsOf = (events: readonly Event[], source: string): Positions => {
  const places = new Map<string, Place>();
  const read = reader(events, source, places);
  read([], undefined);
  const at = (path: Path): Place | undefined => places.get(keyOf(path));
  const value = (path: Path): Position => {
    const place = at(path);
    if (place !== undefined) return positionAt(source, place.value);
    return path.length === 0 ? { line: 1, column: 1 } : value(path.slice(0, -1));
  };
  return {
    value,
    key: (path) => {
      const start = at(path)?.key;
      return start === undefined ? value(path) : positionAt(source, start);
    },
    written: (path) => at(path)?.written,
  };
};

/** Line and column of an offset into `source`; a column counts UTF-16 units, as editors do. */
export const positionAt = (source: string, offset: number): Position => {
  const before = source.slice(0, Math.max(0, offset)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

const keyOf = (path: Path): string => JSON.stringify(path.map(String));

/** A recursive descent over the flat events; each call reads one value. */
const reader = (
  events: readonly Event[],
  source: string,
  places: Map<string, Place>,
): ((path: Path, key: number | undefined) => string | undefined) => {
  let next = 1; // the first event opens the document
  let end = 0; // an empty value has no place of its own: it stands where the token before it ended
  const note = (path: Path, place: Place, key: number | undefined): void => {
    places.set(keyOf(path), key === undefined ? place : { ...place, key });
  };
  const read = (path: Path, key: number | undefined): string | undefined => {
    const event = events[next];
    next += 1;
    if (event === undefined) return undefined;
    if (event.type === EVENT_ID.SCALAR) {
      const written = event.valueStart < 0 ? '' : getScalarValue(source, event);
      note(path, { value: startOf(event, end), written }, key);
      end = Math.max(end, event.valueEnd);
      return written;
    }
    if (event.type === EVENT_ID.ALIAS) {
      note(path, { value: event.anchorStart - 1 }, key);
      return undefined;
    }
    if (event.type === EVENT_ID.SEQUENCE) {
      note(path, { value: event.start }, key);
      for (let index = 0; !isPop(events[next]); index += 1) read([...path, index], undefined);
      next += 1;
    }
    if (event.type === EVENT_ID.MAPPING) {
      note(path, { value: event.start }, key);
      while (!isPop(events[next])) readPair(path);
      next += 1;
    }
    return undefined;
  };
  const readPair = (path: Path): void => {
    const event = events[next];
    const start = event?.type === EVENT_ID.SCALAR ? startOf(event, end) : undefined;
    const key = read([...path, '?'], undefined);
    read([...path, key ?? '?'], start);
  };
  return read;
};

const isPop = (event: Event | undefined): boolean => event === undefined || event.type === EVENT_ID.POP;

const startOf = (scalar: ScalarEvent, end: number): number => {
  if (scalar.valueStart < 0) return end;
  const quoted = scalar.style === SCALAR_STYLE.SINGLE_QUOTED || scalar.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return scalar.valueStart - (quoted ? 1 : 0);
};
