import { CORE_SCHEMA, EVENT_ID, YAMLException, constructFromEvents, parseEvents } from 'js-yaml';
import { InputError } from './errors.ts';
import { positionAt, positionsOf, type Positions } from './yaml-positions.ts';

/** A YAML file as plain data, with the place of everything in it. */
export interface YamlDocument {
  /** As messages name it. */
  readonly file: string;
  readonly value: unknown;
  readonly positions: Positions;
}

/** Bytes that a file may have. */
const maxBytes = 1_000_000;
/** Collections within collections. */
const maxDepth = 50;
/** Values of any kind. */
const maxNodes = 100_000;

/**
 * Reads the bytes of a YAML 1.2 file (core schema: strings, numbers, booleans, null, lists, mappings).
 *
 * Aliases are refused: nothing here needs them, and a few of them can stand for billions of values.
 *
 * @throws InputError with file, line and column, for what is too large, not UTF-8, not YAML, has a key twice, or uses an
 *   alias.
 */
export const readYaml = (bytes: Uint8Array, file: string): YamlDocument => {
  if (bytes.length > maxBytes) throw new InputError(`${file}: ${bytes.length} bytes; at most ${maxBytes} are read`);
  const source = decode(bytes, file);
  try {
    const events = parseEvents(source, { filename: file, maxDepth });
    refuseTooMuch(events.length, file);
    const alias = events.find((event) => event.type === EVENT_ID.ALIAS);
    if (alias !== undefined) throw new InputError(aliasMessage(source, alias.anchorStart, file));
    const documents = constructFromEvents(events, { source, schema: CORE_SCHEMA, maxAliases: 0 });
    if (documents.length !== 1) throw new InputError(`${file}: ${documentCount(documents.length)}`);
    return { file, value: documents[0], positions: positionsOf(events, source) };
  } catch (error) {
    if (error instanceof YAMLException) throw new InputError(yamlMessage(error, source, file), { cause: error });
    throw error;
  }
};

const decode = (bytes: Uint8Array, file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch (cause) {
    const text = new TextDecoder('utf-8').decode(bytes);
    const { line, column } = positionAt(text, text.indexOf('\uFFFD'));
    throw new InputError(`${file}:${line}:${column}: not UTF-8; save the file as UTF-8`, { cause });
  }
};

const refuseTooMuch = (nodes: number, file: string): void => {
  if (nodes > maxNodes) throw new InputError(`${file}: ${nodes} values; at most ${maxNodes} are read`);
};

const aliasMessage = (source: string, anchorStart: number, file: string): string => {
  const { line, column } = positionAt(source, anchorStart - 1);
  return `${file}:${line}:${column}: aliases (*name) are not read here; write the value out`;
};

const documentCount = (count: number): string =>
  count === 0
    ? 'the file is empty'
    : `the file has ${count} documents, separated by "---"; one is read: split it into files`;

const yamlMessage = (error: YAMLException, source: string, file: string): string => {
  if (error.mark === undefined) return `${file}: ${error.reason}`;
  const { line, column } = positionAt(source, error.mark.position);
  const key = /duplicated mapping key/.test(error.reason) ? keyAt(source, error.mark.position) : undefined;
  const reason = key === undefined ? `not valid YAML: ${error.reason}` : `the key "${key}" is there twice`;
  return `${file}:${line}:${column}: ${reason}`;
};

const keyAt = (source: string, offset: number): string | undefined =>
  /^["']?([^"':\n]+)/.exec(source.slice(offset, offset + 80))?.[1]?.trim();
