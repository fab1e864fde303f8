import type { Adapter, AdapterOption, Argument, Arguments, Model, Task } from './adapter.ts';
import { matchesCondition } from './condition.ts';
import type { AxisValue, Config } from './config.ts';
import { InputError } from './errors.ts';
import { type Offer, offerOf, withOwnVariants } from './offer.ts';
import { fillPlaceholders, placeholderName } from './placeholders.ts';
import type { Versions } from './pin.ts';

/** The PEFT config to build: its class and final arguments, as a cell request carries them. */
export interface ResolvedAdapter {
  readonly configClass: string;
  readonly arguments: Arguments;
  readonly push: number;
}

/** What the model is built from, as a cell request carries it. */
export type ResolvedModel = Pick<Model, 'library' | 'architecture' | 'configClass' | 'arguments' | 'layer' | 'task'>;

/** An adapter as it is for one config on the installed release: what its variants and the model say, laid over it. */
export const adapterAsOf = (adapter: Adapter, model: Model, config: Config, versions: Versions): Adapter =>
  layOver(withOwnVariants(adapter, versions), model, config);

/** The variants of the adapter are those of the installed versions. */
const layOver = (adapter: Adapter, model: Model, config: Config): Adapter => {
  const variants = (adapter.variants ?? []).filter(({ when = {} }) => matchesCondition(when, config));
  const additions = (model.adapterArguments ?? []).filter(({ when }) => matchesCondition(when, config));
  const silent = new Set(variants.flatMap(({ withoutEffect = [] }) => withoutEffect));
  return {
    ...adapter,
    options: adapter.options.map(({ changesOutputs, ...option }) =>
      changesOutputs === true && !silent.has(option.name) ? { ...option, changesOutputs } : option,
    ),
    arguments: Object.assign({}, adapter.arguments, ...[...variants, ...additions].map((part) => part.arguments ?? {})),
    trains: [
      ...adapter.trains,
      ...variants.flatMap(({ trains = [] }) => trains),
      ...(adapter.configClass === null ? [] : model.trains),
    ],
    promises: Object.assign({}, adapter.promises, ...variants.map(({ promises = {} }) => promises)),
    variants: [],
  };
};

/**
 * The arguments of an adapter on a model for the installed release: variants and the model's additions laid over them,
 * placeholders filled from the config, options that the release does not have left out.
 *
 * @returns null for full fine-tuning without PEFT.
 * @throws InputError when the config lacks an axis that an argument needs.
 */
export const resolveAdapter = (
  adapter: Adapter,
  model: Model,
  config: Config,
  versions: Versions,
): ResolvedAdapter | null => {
  if (adapter.configClass === null) return null;
  const filled = fillPlaceholders(offeredArguments(offerOf(adapter, versions), model, config), (axis) => {
    const value = config[axis];
    if (value === undefined) throw new InputError(`adapter ${adapter.name} needs a value of ${axis} in its config`);
    const option = adapter.options.find(({ name }) => name === axis);
    return meaningOf(model, axis, value) ?? option?.means?.[String(value)] ?? value;
  });
  const taskType = taskTypes[model.task];
  return {
    configClass: adapter.configClass,
    arguments: { ...(taskType === undefined ? {} : { task_type: taskType }), ...filled },
    push: adapter.push,
  };
};

/** Names of the arguments that {@link resolveAdapter} gives, without a look at what they are filled with. */
export const argumentNames = (offer: Offer, model: Model, config: Config): readonly string[] => [
  ...(taskTypes[model.task] === undefined ? [] : ['task_type']),
  ...Object.keys(offeredArguments(offer, model, config)),
];

/** The arguments as the data have them, options that the release does not have left out. */
const offeredArguments = (offer: Offer, model: Model, config: Config): Arguments => {
  const given = layOver(offer.adapter, model, config).arguments;
  const known = Object.entries(given).filter(([, argument]) => {
    const name = placeholderName(argument);
    const option = offer.adapter.options.find((candidate) => candidate.name === name);
    return option === undefined || (!offer.missing.includes(option) && !isLeftOut(model, option, config));
  });
  return Object.fromEntries(known);
};

/** The part of a model that a cell request carries. */
export const resolveModel = ({
  library,
  architecture,
  configClass,
  arguments: given,
  layer,
  task,
}: Model): ResolvedModel => ({ library, architecture, configClass, arguments: given, layer, task });

/** What a model says that a value of an axis stands for; undefined where it says nothing. */
export const meaningOf = (model: Model, axis: string, value: AxisValue): Argument | undefined =>
  model.means[axis]?.[String(value)];

/** The value says that the argument is not to be given at all. */
const isLeftOut = (model: Model, { name, means = {} }: AdapterOption, config: Config): boolean => {
  if (!Object.values(means).includes(null)) return false;
  const value = config[name];
  return value !== undefined && meaningOf(model, name, value) === undefined && means[String(value)] === null;
};

/** PEFT's `task_type`; a plain regression has none. */
const taskTypes: Readonly<Partial<Record<Task, string>>> = {
  causal: 'CAUSAL_LM',
  seq2seq: 'SEQ_2_SEQ_LM',
  classification: 'SEQ_CLS',
};
