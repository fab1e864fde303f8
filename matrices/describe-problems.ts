import * as z from 'zod';
import { InputError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import type { YamlDocument } from './read-yaml.ts';
import type { Path } from './yaml-positions.ts';

/** Something wrong with a value of a document that no schema can say: a name that is not known, two that clash. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Point at the key that leads to `path` instead of at its value. */
  readonly atKey?: boolean;
}

type Issue = z.core.$ZodIssue;

/**
 * The document as its schema understands it.
 *
 * @param check - Looks at what a schema cannot see; called when the schema is content.
 * @throws InputError that lists every problem with file, line, column, what is wrong and what is allowed.
 */
export const parseDocument = <Schema extends z.ZodType>(
  schema: Schema,
  document: YamlDocument,
  check: (value: z.output<Schema>) => readonly Problem[] = () => [],
): z.output<Schema> => {
  const parsed = schema.safeParse(document.value);
  const problems = parsed.success
    ? check(parsed.data)
    : tightest(parsed.error.issues.flatMap(unfolded)).flatMap((issue) => problemsOf(issue, schema, document));
  if (!parsed.success || problems.length > 0) throw new InputError(describeProblems(problems, document));
  return parsed.data;
};

/** One line a problem, in the order of the file: `file:line:column: message`. */
const describeProblems = (problems: readonly Problem[], document: YamlDocument): string =>
  problems
    .map(({ path, message, atKey }) => {
      const { line, column } = atKey === true ? document.positions.key(path) : document.positions.value(path);
      return { line, column, text: `${document.file}:${line}:${column}: ${message}` };
    })
    .toSorted((left, right) => left.line - right.line || left.column - right.column)
    .map(({ text }) => text)
    .filter((text, index, all) => text !== all[index - 1])
    .join('\n');

/** Where one of several forms was begun, what is wrong is what is wrong with that one. */
const unfolded = (issue: Issue): readonly Issue[] => {
  if (issue.code !== 'invalid_union') return [issue];
  const begun = issue.errors.find((issues) => issues.some(({ path }) => path.length > 0)) ?? [];
  if (begun.length === 0) return [issue];
  return begun.flatMap((inner) => unfolded({ ...inner, path: [...issue.path, ...inner.path] }));
};

/** A whole number that JavaScript cannot hold breaks two limits, the language's and the schema's: the latter is meant. */
const tightest = (issues: readonly Issue[]): readonly Issue[] =>
  issues.filter((issue) => !issues.some((other) => other.path.join() === issue.path.join() && isTighter(other, issue)));

const isTighter = (left: Issue, right: Issue): boolean =>
  (left.code === 'too_big' && right.code === 'too_big' && left.maximum < right.maximum) ||
  (left.code === 'too_small' && right.code === 'too_small' && left.minimum > right.minimum);

const problemsOf = (issue: Issue, schema: z.ZodType, document: YamlDocument): readonly Problem[] => {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(schema, path);
    return issue.keys.map((key) => ({ path: [...path, key], atKey: true, message: unknownKey(key, path, allowed) }));
  }
  const found = valueAt(document.value, path);
  if (found === undefined && path.length > 0 && issue.code !== 'custom') {
    const name = String(path.at(-1));
    return [
      { path: path.slice(0, -1), message: `${subjectOf(path.slice(0, -1))} lacks "${name}"${expectation(issue)}` },
    ];
  }
  const written = document.positions.written(path);
  return [{ path, message: `${subjectOf(path)}: ${messageOf(issue, found, written)}` }];
};

const messageOf = (issue: Issue, found: unknown, written: string | undefined): string => {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = nameOfType(issue.expected);
      const advice = issue.expected === 'string' && written !== undefined ? `; put it in quotes: "${written}"` : '';
      return `expected ${wanted}, found ${show(found)}${advice}`;
    }
    case 'invalid_value':
      return oneOf(issue.values, found);
    case 'too_small':
      return `${show(found)} is too ${sizeWord(issue.origin, 'small')}; at least ${issue.minimum}${sizeUnit(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${show(found)} is too ${sizeWord(issue.origin, 'large')}; at most ${issue.maximum}${sizeUnit(issue.origin, issue.maximum)}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return typeof found === 'object' ? issue.message : `${show(found)}: ${issue.message}`;
  }
  return issue satisfies never;
};

const oneOf = (values: readonly unknown[], found: unknown): string => {
  const twin = values.find((value) => typeof value !== typeof found && String(value) === String(found));
  const advice =
    twin === undefined
      ? typeof found === 'string'
        ? didYouMean(found, values.map(String))
        : ''
      : ` Write ${typeof twin === 'string' ? `"${twin}" in quotes` : `${show(twin)} without quotes`}.`;
  const allowed = values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;
  return `${show(found)} is not allowed.${advice} Allowed: ${allowed}`;
};

const unknownKey = (key: string, path: Path, allowed: readonly string[]): string => {
  const list = allowed.length === 0 ? '' : ` Allowed: ${allowed.join(', ')}`;
  return `unknown key "${key}" in ${subjectOf(path)}.${didYouMean(key, allowed)}${list}`;
};

const expectation = (issue: Issue): string => (issue.code === 'invalid_type' ? ` (${nameOfType(issue.expected)})` : '');

const subjectOf = (path: Path): string =>
  path.length === 0
    ? 'the file'
    : path
        .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
        .join('');

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};
const nameOfType = (expected: string): string => typeNames[expected] ?? expected;

const sizeWord = (origin: string, word: 'small' | 'large'): string =>
  origin === 'array' || origin === 'string' ? (word === 'small' ? 'short' : 'long') : word;
const sizeUnit = (origin: string, size: number | bigint): string => {
  const unit = origin === 'array' ? ' value' : origin === 'string' ? ' character' : undefined;
  return unit === undefined ? '' : `${unit}${Number(size) === 1 ? '' : 's'}`;
};

const show = (value: unknown): string => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `"${value.slice(0, 80)}"` : JSON.stringify(value);
};

const valueAt = (value: unknown, path: Path): unknown => {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = Reflect.get(current, step);
  }
  return current;
};

/** The keys that a schema knows at a path, from its JSON Schema. */
const allowedKeys = (schema: z.ZodType, path: Path): readonly string[] => {
  let nodes = [jsonSchemaOf(schema)];
  for (const step of path) nodes = nodes.flatMap((node) => below(node, step)).flatMap(alternatives);
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
};

type JsonSchema = z.core.JSONSchema.JSONSchema;

const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });

const below = (node: JsonSchema, step: PropertyKey): readonly JsonSchema[] =>
  [typeof step === 'number' ? node.items : (node.properties?.[String(step)] ?? node.additionalProperties)]
    .flat()
    .filter((child) => typeof child === 'object');

const alternatives = (node: JsonSchema): readonly JsonSchema[] => [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])];
