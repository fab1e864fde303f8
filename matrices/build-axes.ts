import type { Adapter, Model } from './adapter.ts';
import type { Axis, Condition } from './axis.ts';
import type { AxisValue } from './config.ts';
import type { AxisEntry } from './catalogue-schema.ts';
import { placeholdersOf } from './placeholders.ts';

/**
 * The axes in the order of the file, with the names of adapters and models filled in, and with the adapters' options
 * after the last axis that is an argument of adapters.
 */
export const buildAxes = (
  entries: readonly AxisEntry[],
  adapters: readonly Adapter[],
  models: readonly Model[],
): readonly Axis[] => {
  const lastArgument = entries.findLastIndex((entry) => entry.adapterArgument === true);
  const place = lastArgument < 0 ? entries.length : lastArgument + 1;
  const axes = entries.map((entry) => axisOf(entry, adapters, models));
  return [...axes.slice(0, place), ...optionAxes(adapters), ...axes.slice(place)];
};

const axisOf = (entry: AxisEntry, adapters: readonly Adapter[], models: readonly Model[]): Axis => {
  const { name, description, values, numbers, ofModel } = entry;
  const given = appliesOf(entry, adapters);
  const applies =
    entry.adapterArgument === true
      ? { ...given, adapter: namesOf(adapters.filter((adapter) => placeholdersOf(adapter).has(name))) }
      : given;
  const axis = {
    name,
    description,
    values: valuesOf(values, adapters, models),
    ...(numbers === undefined ? {} : { numbers }),
    ...(ofModel === undefined ? {} : { ofModel }),
  };
  return applies === undefined ? axis : { ...axis, applies };
};

/** With `$peft` filled in. */
const appliesOf = ({ applies }: AxisEntry, adapters: readonly Adapter[]): Condition | undefined =>
  applies === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(applies).map(([name, values]) => [
          name,
          values === '$peft' ? namesOf(adapters.filter(({ configClass }) => configClass !== null)) : values,
        ]),
      );

const valuesOf = (
  values: AxisEntry['values'],
  adapters: readonly Adapter[],
  models: readonly Model[],
): readonly AxisValue[] => {
  if (values === '$adapters') return namesOf(adapters);
  return values === '$models' ? namesOf(models) : values;
};

const namesOf = (entries: readonly { readonly name: string }[]): readonly string[] => entries.map(({ name }) => name);

/** One axis an option, for all adapters that list it. */
const optionAxes = (adapters: readonly Adapter[]): readonly Axis[] => {
  const options = new Map(adapters.flatMap((adapter) => adapter.options.map((option) => [option.name, option])));
  return [...options.values()].map(({ name, description, values, numbers, ofModel }) => ({
    name,
    description,
    values,
    ...(numbers === undefined ? {} : { numbers }),
    ...(ofModel === undefined ? {} : { ofModel }),
    applies: {
      adapter: namesOf(adapters.filter((adapter) => adapter.options.some((option) => option.name === name))),
    },
  }));
};
