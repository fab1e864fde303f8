import type { Adapter, AdapterOption, Arguments, Model } from './adapter.ts';
import { matchesCondition } from './condition.ts';
import type { Config } from './config.ts';
import { InputError } from './errors.ts';
import { fillPlaceholders, placeholderName } from './placeholders.ts';
import type { Versions } from './pin.ts';
import { isAtLeast, matchesVersions } from './versions.ts';

/** The PEFT config to build: its class and final arguments, as a cell request carries them. */
export interface ResolvedAdapter {
  readonly configClass: string;
  readonly arguments: Arguments;
}

/** What transformers builds the model from, as a cell request carries it. */
export interface ResolvedModel {
  readonly architecture: string;
  readonly configClass: string;
  readonly arguments: Arguments;
  readonly layer: string;
}

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
  const variants = (adapter.variants ?? []).filter((variant) => matchesVersions(variant.versions, versions));
  const additions = (model.adapterArguments ?? []).filter(({ when }) => matchesCondition(when, config));
  const given = Object.assign({}, adapter.arguments, ...[...variants, ...additions].map((part) => part.arguments));
  const known = Object.entries<Arguments[string]>(given).filter(([, argument]) => {
    const option = adapter.options.find(({ name }) => name === placeholderName(argument));
    return option === undefined || isOffered(option, versions);
  });
  const filled = fillPlaceholders(Object.fromEntries(known), (axis) => {
    const value = config[axis];
    if (value === undefined) throw new InputError(`adapter ${adapter.name} needs a value of ${axis} in its config`);
    return axis === 'targets' ? (model.targets[String(value)] ?? value) : value;
  });
  return { configClass: adapter.configClass, arguments: filled };
};

/** The part of a model that a cell request carries. */
export const resolveModel = ({ architecture, configClass, arguments: given, layer }: Model): ResolvedModel => ({
  architecture,
  configClass,
  arguments: given,
  layer,
});

/** True when the installed PEFT is one of the releases that the data promise it for. */
export const isOffered = ({ since, until }: Pick<AdapterOption, 'since' | 'until'>, { peft }: Versions): boolean =>
  peft === undefined ||
  ((since === undefined || isAtLeast(peft, since)) && (until === undefined || !isAtLeast(peft, until)));
