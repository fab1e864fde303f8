import { valid, validRange } from '@renovatebot/pep440';
import * as z from 'zod';
import { usualPromises, usualPush, type Adapter, type Argument, type Model, type Promises } from './adapter.ts';
import type { Condition, Rule } from './axis.ts';
import type { Expectation } from './expectation.ts';
import { phases } from './phase.ts';
import { insteadOf } from './nearest.ts';
import type { Refusal } from './refusal.ts';
import { watchedPackages } from './watched-packages.ts';

/** Schemas of the data files beside this one. What they name in each other is checked by `loadCatalogue`. */

const name = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'expected lower-case letters, digits, - and _');
const sentence = z.string().min(3);
const regularExpression = z.string().refine(isRegularExpression, 'not a regular expression');
const link = z.url({ protocol: /^https$/, error: 'expected an https:// address' });

const axisValueSchema = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected text, a number, true or false',
});

/** An exact PEP 440 version. */
const versionSchema = z
  .string()
  .refine((text) => valid(text) !== null, { error: 'not a version; write one such as "0.21.2"' });

/** A PEP 440 range, e.g. `>=0.18,<0.21`. */
const rangeSchema = z.string().refine((text) => /[<>=!~]/.test(text) && validRange(text), {
  error: 'not a PEP 440 range; write one such as ">=0.18,<0.21"',
});

/** Package name to range. */
export const versionRangesSchema = z.record(z.string(), rangeSchema).superRefine((ranges, context) => {
  for (const other of Object.keys(ranges).filter((key) => !toldVersions.includes(key))) {
    const message = `no cell tells the version of ${other}.${insteadOf(other, toldVersions)}`;
    context.addIssue({ code: 'custom', path: [other], message });
  }
});

/** A range of anything else is never met. */
const toldVersions = ['python', ...watchedPackages];
const condition: z.ZodType<Condition> = z.record(z.string(), z.array(axisValueSchema).min(1));

/** As a condition; `$peft` stands for every adapter of PEFT, which is every one but full fine-tuning. */
const appliesSchema = z
  .record(
    z.string(),
    z.union([z.array(axisValueSchema).min(1), z.literal('$peft')], { error: 'expected a list of values, or $peft' }),
  )
  .refine((applies) => Object.entries(applies).every(([axis, values]) => values !== '$peft' || axis === 'adapter'), {
    error: '$peft stands for adapters, and only for them',
  });

const argument: z.ZodType<Argument> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(argument), z.record(z.string(), argument)]),
);
const argumentsSchema = z.record(z.string(), argument);

const numbers = z
  .strictObject({ from: z.number(), to: z.number(), integer: z.boolean().default(true) })
  .refine(({ from, to }) => from < to, 'expected from to be less than to')
  .exactOptional();

/** `axes.yaml`: simplest value first. */
export const axesFileSchema = z.array(
  z.strictObject({
    name,
    description: sentence,
    /** A list, or the adapters' or models' names in the order of their files. */
    values: z.union([z.array(axisValueSchema).min(1), z.enum(['$adapters', '$models'])], {
      error: 'expected a list of values, or $adapters, or $models',
    }),
    applies: appliesSchema.exactOptional(),
    /** Any number in between, beside the values. */
    numbers,
    /** The axis applies to the adapters that have `$name` among their arguments. */
    adapterArgument: z.literal(true).exactOptional(),
    /** The values are names whose meaning the models give. */
    ofModel: z.literal(true).exactOptional(),
  }),
);
export type AxisEntry = z.infer<typeof axesFileSchema>[number];

const adapterOption = z.strictObject({
  name,
  description: sentence,
  values: z.array(axisValueSchema).min(2),
  numbers,
  since: versionSchema.exactOptional(),
  until: versionSchema.exactOptional(),
  releases: z
    .record(z.string(), z.strictObject({ since: versionSchema.exactOptional(), until: versionSchema.exactOptional() }))
    .exactOptional(),
  means: argumentsSchema.exactOptional(),
  ofModel: z.literal(true).exactOptional(),
  changesOutputs: z.literal(true).exactOptional(),
});

const promised = z.boolean().exactOptional();
const exactness = z.enum(['exact', 'approximate', 'no']).exactOptional();

const promises = z.strictObject({
  identity: promised,
  merge: exactness,
  unmerge: exactness,
  disable: promised,
  several: promised,
  combine: promised,
  hotswap: promised,
  mixedBatch: promised,
  deterministic: promised,
  splits: promised,
  smooth: promised,
  keepsWeights: promised,
});

const variant = z
  .strictObject({
    versions: versionRangesSchema.exactOptional(),
    when: condition.exactOptional(),
    arguments: argumentsSchema.exactOptional(),
    trains: z.array(regularExpression).min(1).exactOptional(),
    promises: promises.exactOptional(),
    withoutEffect: z.array(name).min(1).exactOptional(),
  })
  .refine(({ versions, when }) => versions !== undefined || when !== undefined, 'expected versions, or when, or both');

/** `adapters.yaml`: simplest first. */
export const adaptersFileSchema: z.ZodType<readonly Adapter[]> = z.array(
  z.strictObject({
    name,
    description: sentence,
    configClass: z.nullable(z.string()),
    since: versionSchema.exactOptional(),
    until: versionSchema.exactOptional(),
    arguments: argumentsSchema.default({}),
    push: z.number().positive().default(usualPush),
    variants: z.array(variant).default([]),
    promises: promises.prefault({}).transform((given): Promises => ({ ...usualPromises, ...given })),
    options: z.array(adapterOption).default([]),
    trains: z.array(regularExpression).min(1),
    addsLayers: z.literal(true).exactOptional(),
    scale: z.strictObject({ alpha: name, rank: name, squareRoot: name.exactOptional() }).exactOptional(),
    mayStandStill: z.array(regularExpression).default([]),
  }),
);

/** `models.yaml`: simplest first. */
export const modelsFileSchema: z.ZodType<readonly Model[]> = z.array(
  z.strictObject({
    name,
    description: sentence,
    library: z.enum(['transformers', 'probe']).default('transformers'),
    architecture: z.string(),
    configClass: z.nullable(z.string()),
    task: z.enum(['causal', 'seq2seq', 'classification', 'regression']),
    arguments: argumentsSchema,
    layer: z.string(),
    layers: z.int().positive(),
    means: z.record(z.string(), argumentsSchema),
    trains: z.array(regularExpression).default([]),
    mayStandStill: z.array(regularExpression).default([]),
    adapterArguments: z.array(z.strictObject({ when: condition, arguments: argumentsSchema })).default([]),
  }),
);

/** `rules.yaml`. */
export const rulesFileSchema: z.ZodType<readonly Rule[]> = z.array(
  z.strictObject({
    id: name,
    when: condition.default({}),
    versions: versionRangesSchema.exactOptional(),
    device: z.enum(['cpu', 'cuda']).exactOptional(),
    lacks: z
      .strictObject({
        dtype: z.string().exactOptional(),
        lstmDtype: z.string().exactOptional(),
        sharding: z.string().exactOptional(),
        devices: z.int().positive().exactOptional(),
      })
      .exactOptional(),
    verdict: z.enum(['unsupported', 'skipped']),
    because: sentence,
  }),
);

/** Fields of an entry that names failures by their looks. */
export const looksSchema = {
  /** Exception types of which one must match, as the observation names them. */
  exceptions: z.array(z.string()).min(1).exactOptional(),
  /** Words or phrases that the message must all contain, in any order. */
  words: z.array(z.string().min(1)).exactOptional(),
  /** Values that the config must have, axis by axis. */
  config: condition.exactOptional(),
  versions: versionRangesSchema.exactOptional(),
};

/** `refusals.yaml`: what PEFT refuses on purpose. */
export const refusalsFileSchema: z.ZodType<readonly Refusal[]> = z.array(
  z.strictObject({
    id: name,
    because: sentence,
    link: link.exactOptional(),
    ...looksSchema,
    exceptions: z.array(z.string()).min(1),
    words: z.array(z.string().min(1)).min(1),
    /** The last in which it is raised. Absent: any, though by the end of `train` it has been. */
    phase: z.enum(phases).exactOptional(),
  }),
);

/** `known-issues.yaml`: failures that somebody has looked at. */
export const knownIssuesFileSchema: z.ZodType<readonly Expectation[]> = z.array(
  z.strictObject({
    id: name,
    /** `bug`: should be mended upstream; `by-design`: upstream says that it stays; `limitation`: nobody promised it. */
    kind: z.enum(['bug', 'by-design', 'limitation']),
    title: sentence,
    link,
    property: name,
    phase: z.enum(phases).exactOptional(),
    ...looksSchema,
  }),
);

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
