import type { Adapter, Arguments, Model } from './adapter.ts';
import type { Axis, Condition, Rule } from './axis.ts';
import { buildAxes } from './build-axes.ts';
import type { AxisEntry } from './catalogue-schema.ts';
import type { Problem } from './describe-problems.ts';
import type { Expectation } from './expectation.ts';
import type { Looks } from './failure-looks.ts';
import { insteadOf } from './nearest.ts';
import { placeholdersIn, placeholdersOf } from './placeholders.ts';
import type { Path } from './yaml-positions.ts';

/** What schemas cannot see of the data files: names that are not known, or that are there twice. */

/** Names once only; options of one name are the same everywhere; an option is used as an argument. */
export const checkAdapters = (adapters: readonly Adapter[]): readonly Problem[] => {
  const first = new Map(adapters.toReversed().flatMap(({ options }) => options.map((option) => [option.name, option])));
  const clashes = adapters.flatMap(({ options }, index) =>
    options.flatMap((option, place): readonly Problem[] => {
      const path = [index, 'options', place];
      const twin = first.get(option.name);
      const same = JSON.stringify(twin?.values) === JSON.stringify(option.values);
      const used = adapters[index] !== undefined && placeholdersOf(adapters[index]).has(option.name);
      return [
        ...(same ? [] : [{ path: [...path, 'values'], message: `another adapter gives ${option.name} other values` }]),
        ...(used ? [] : [{ path: [...path, 'name'], message: `no argument is $${option.name}` }]),
      ];
    }),
  );
  return [...twice(adapters, 'name'), ...clashes];
};

/** Conditions of variants name axes; what is without effect is an option that has one elsewhere. */
export const checkVariants = (adapters: readonly Adapter[], axes: readonly Axis[]): readonly Problem[] =>
  adapters.flatMap(({ variants = [], options }, index) => {
    const effective = new Set(options.flatMap(({ name, changesOutputs }) => (changesOutputs === true ? [name] : [])));
    return variants.flatMap(({ when = {}, withoutEffect = [] }, place) => {
      const path = [index, 'variants', place];
      return [
        ...checkCondition(when, axes, [...path, 'when']),
        ...withoutEffect.flatMap((name, at): readonly Problem[] =>
          effective.has(name)
            ? []
            : [{ path: [...path, 'withoutEffect', at], message: `"${name}" is no option with changesOutputs` }],
        ),
      ];
    });
  });

/** Placeholders in arguments name axes. */
export const checkPlaceholders = (adapters: readonly Adapter[], axes: readonly Axis[]): readonly Problem[] => {
  const names = axes.map(({ name }) => name);
  const strangersIn = (given: Arguments, path: Path): readonly Problem[] =>
    Object.entries(given).flatMap(([key, argument]) =>
      placeholdersIn(argument)
        .filter((name) => !names.includes(name))
        .map((name) => ({
          path: [...path, key],
          message: `"$${name}" stands for no axis.${insteadOf(name, names)}`,
        })),
    );
  return adapters.flatMap(({ arguments: own, variants = [] }, index) => [
    ...strangersIn(own, [index, 'arguments']),
    ...variants.flatMap((variant, place) =>
      strangersIn(variant.arguments ?? {}, [index, 'variants', place, 'arguments']),
    ),
  ]);
};

/** Names once only; conditions name axes that stand above. */
export const checkAxes = (
  entries: readonly AxisEntry[],
  adapters: readonly Adapter[],
  models: readonly Model[],
): readonly Problem[] => {
  const axes = buildAxes(entries, adapters, models);
  const conditions = entries.flatMap((entry, index) => {
    const place = axes.findIndex(({ name }) => name === entry.name);
    return checkCondition(
      axes[place]?.applies ?? {},
      axes.slice(0, place),
      [index, 'applies'],
      'an axis above this one',
    );
  });
  const own = new Set(entries.map(({ name }) => name));
  const shadowed = adapters
    .flatMap((adapter) => adapter.options)
    .filter(({ name }) => own.has(name))
    .map(({ name }) => ({ path: [], message: `"${name}" is an axis and an option of an adapter` }));
  return [...twice(entries, 'name'), ...conditions, ...shadowed];
};

/** Names once only; meanings are of values of axes that leave it to models; conditions name axes. */
export const checkModels = (models: readonly Model[], axes: readonly Axis[]): readonly Problem[] => {
  const ofModel = axes.filter((axis) => axis.ofModel === true);
  const problems = models.flatMap((model, index) => [
    ...Object.entries(model.means).flatMap(([name, means]) =>
      checkCondition({ [name]: Object.keys(means) }, ofModel, [index, 'means'], 'an axis whose values models explain'),
    ),
    ...(model.adapterArguments ?? []).flatMap(({ when }, place) =>
      checkCondition(when, axes, [index, 'adapterArguments', place, 'when']),
    ),
  ]);
  return [...twice(models, 'name'), ...problems];
};

/** Ids once only; conditions name axes. */
export const checkRules = (rules: readonly Rule[], axes: readonly Axis[]): readonly Problem[] => [
  ...twice(rules, 'id'),
  ...rules.flatMap((rule, index) => checkCondition(rule.when, axes, [index, 'when'])),
];

/** Ids once only; configs name axes. For refusals and known issues. */
export const checkLooks = (
  entries: readonly (Looks & { readonly id: string })[],
  axes: readonly Axis[],
): readonly Problem[] => [
  ...twice(entries, 'id'),
  ...entries.flatMap((entry, index) => checkCondition(entry.config ?? {}, axes, [index, 'config'])),
];

/** Ids are none of those that come with us; properties are there. For the user's own known issues. */
export const checkIssues = (
  issues: readonly Expectation[],
  ours: readonly Expectation[],
  properties: readonly string[],
): readonly Problem[] =>
  issues.flatMap(({ id, property }, index) => [
    ...(ours.some((other) => other.id === id)
      ? [
          {
            path: [index, 'id'],
            message: `"${id}" is the id of a known issue that comes with peft-matrix. Choose another`,
          },
        ]
      : []),
    ...(properties.includes(property)
      ? []
      : [{ path: [index, 'property'], message: notAProperty(property, properties) }]),
  ]);

const notAProperty = (property: string, properties: readonly string[]): string =>
  `"${property}" is not a property.${insteadOf(property, properties)}`;

const checkCondition = (
  condition: Condition,
  axes: readonly Axis[],
  path: Path,
  what = 'an axis',
): readonly Problem[] =>
  Object.entries(condition).flatMap(([name, values]): readonly Problem[] => {
    const axis = axes.find((candidate) => candidate.name === name);
    const names = axes.map((candidate) => candidate.name);
    if (axis === undefined) {
      const message = `"${name}" is not ${what}.${insteadOf(name, names)}`;
      return [{ path: [...path, name], atKey: true, message }];
    }
    return values.flatMap((value, index) =>
      axis.values.includes(value) ? [] : [{ path: [...path, name, index], message: notAValue(axis, value) }],
    );
  });

const notAValue = (axis: Axis, value: unknown): string => {
  const allowed = axis.values.map(String);
  return `${JSON.stringify(value)} is not a value of ${axis.name}.${insteadOf(String(value), allowed)}`;
};

const twice = <Key extends 'id' | 'name'>(
  entries: readonly Readonly<Record<Key, string>>[],
  key: Key,
): readonly Problem[] =>
  entries.flatMap((entry, index) =>
    entries.findIndex((other) => other[key] === entry[key]) === index
      ? []
      : [{ path: [index, key], message: `"${entry[key]}" is there twice` }],
  );
