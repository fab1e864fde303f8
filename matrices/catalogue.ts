import { basename, join } from 'node:path';
import type { Adapter, Model } from './adapter.ts';
import type { Axis, Rule } from './axis.ts';
import { buildAxes } from './build-axes.ts';
import {
  adaptersFileSchema,
  axesFileSchema,
  knownIssuesFileSchema,
  modelsFileSchema,
  refusalsFileSchema,
  rulesFileSchema,
} from './catalogue-schema.ts';
import {
  checkAdapters,
  checkAxes,
  checkIssues,
  checkLooks,
  checkModels,
  checkPlaceholders,
  checkRules,
  checkVariants,
} from './check-catalogue.ts';
import { parseDocument } from './describe-problems.ts';
import { InputError } from './errors.ts';
import { insteadOf } from './nearest.ts';
import type { Expectation } from './expectation.ts';
import { readDocument } from './read-document.ts';
import type { YamlDocument } from './read-yaml.ts';
import type { Refusal } from './refusal.ts';

/** Everything that could run and what is known of it: the data files of a folder, checked against each other. */
export interface Catalogue {
  /** Options of adapters among them. The order is that of keys in a config. */
  readonly axes: readonly Axis[];
  readonly adapters: readonly Adapter[];
  readonly models: readonly Model[];
  readonly rules: readonly Rule[];
  readonly refusals: readonly Refusal[];
  /** From `known-issues.yaml`. */
  readonly expectations: readonly Expectation[];
}

/**
 * Reads axes, adapters, models, rules, refusals and known issues.
 *
 * @param folder - Where the six files lie; those of this package by default.
 * @throws InputError that lists what is wrong, file by file, with line and column.
 */
export const loadCatalogue = async (folder: string = import.meta.dirname): Promise<Catalogue> => {
  const read = (file: string): Promise<YamlDocument> => readDocument(join(folder, file), `${basename(folder)}/${file}`);
  const adaptersDocument = await read('adapters.yaml');
  const adapters = parseDocument(adaptersFileSchema, adaptersDocument, checkAdapters);
  const modelsDocument = await read('models.yaml');
  const models = parseDocument(modelsFileSchema, modelsDocument);
  const axes = buildAxes(
    parseDocument(axesFileSchema, await read('axes.yaml'), (entries) => checkAxes(entries, adapters, models)),
    adapters,
    models,
  );
  parseDocument(adaptersFileSchema, adaptersDocument, (entries) => [
    ...checkPlaceholders(entries, axes),
    ...checkVariants(entries, axes),
  ]);
  parseDocument(modelsFileSchema, modelsDocument, (entries) => checkModels(entries, axes));
  return {
    axes,
    adapters,
    models,
    rules: parseDocument(rulesFileSchema, await read('rules.yaml'), (rules) => checkRules(rules, axes)),
    refusals: parseDocument(refusalsFileSchema, await read('refusals.yaml'), (looks) => checkLooks(looks, axes)),
    expectations: parseDocument(knownIssuesFileSchema, await read('known-issues.yaml'), (looks) =>
      checkLooks(looks, axes),
    ),
  };
};

/**
 * Known issues of a file of the user's own, in the form of `known-issues.yaml`.
 *
 * @param properties - Ids of the properties that there are: an issue of any other would never be met.
 * @throws InputError that lists what is wrong, with line and column.
 */
export const loadKnownIssues = async (
  path: string,
  { axes, expectations }: Pick<Catalogue, 'axes' | 'expectations'>,
  properties: readonly string[],
): Promise<readonly Expectation[]> =>
  parseDocument(knownIssuesFileSchema, await readDocument(path), (issues) => [
    ...checkLooks(issues, axes),
    ...checkIssues(issues, expectations, properties),
  ]);

/** The adapter of a name. Throws `InputError` when there is none. */
export const adapterNamed = (catalogue: Pick<Catalogue, 'adapters'>, name: string): Adapter =>
  named(catalogue.adapters, name, 'adapter');

/** The model of a name. Throws `InputError` when there is none. */
export const modelNamed = (catalogue: Pick<Catalogue, 'models'>, name: string): Model =>
  named(catalogue.models, name, 'model');

const named = <Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
  kind: string,
): Entry => {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const allowed = entries.map((candidate) => candidate.name);
  throw new InputError(`There is no ${kind} "${name}".${insteadOf(name, allowed)}`);
};
