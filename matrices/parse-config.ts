import type { Axis } from './axis.ts';
import { canTake, describeValues } from './axis-values.ts';
import type { AxisValue, Config } from './config.ts';
import { InputError } from './errors.ts';
import { didYouMean, insteadOf } from './nearest.ts';
import { normalise } from './normalise.ts';

/**
 * The config that `key=value` pairs name, as on the command line: axes that are not given take their defaults.
 *
 * @throws InputError that lists every pair that is no pair, names no axis, has a value that is not allowed, is given
 *   twice, or sets an axis that does not apply to this config.
 */
export const parseConfig = (axes: readonly Axis[], pairs: readonly string[]): Config => {
  const read = pairs.map((pair) => readPair(axes, pair));
  const problems = read.flatMap((result) => ('problem' in result ? [result.problem] : []));
  const given = read.flatMap((result) => ('problem' in result ? [] : [result]));
  const names = given.map(({ axis }) => axis.name);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  problems.push(...doubled.map((name) => `${name} is given twice`));
  const config = normalise(axes, Object.fromEntries(given.map(({ axis, value }) => [axis.name, value])));
  if (problems.length === 0) {
    problems.push(...given.filter(({ axis }) => !(axis.name in config)).map(({ axis }) => notApplying(axis, config)));
  }
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  return config;
};

type Read = { readonly axis: Axis; readonly value: AxisValue } | { readonly problem: string };

const readPair = (axes: readonly Axis[], pair: string): Read => {
  const split = pair.indexOf('=');
  if (split < 1) return { problem: `"${pair}" is not a pair; write axis=value, such as adapter=lora` };
  const name = pair.slice(0, split);
  const text = pair.slice(split + 1);
  const names = axes.map((axis) => axis.name);
  const axis = axes.find((candidate) => candidate.name === name);
  if (axis === undefined) {
    return { problem: `unknown axis "${name}".${insteadOf(name, names)}` };
  }
  const value = axis.values.find((candidate) => String(candidate) === text);
  if (value !== undefined) return { axis, value };
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (canTake(axis, number)) return { axis, value: number };
  const nearest = didYouMean(text, axis.values.map(String));
  return { problem: `${name}=${text}: not allowed.${nearest} Allowed: ${describeValues(axis)}` };
};

const notApplying = (axis: Axis, config: Config): string => {
  const needs = Object.entries(axis.applies ?? {}).map(([name, values]) => `${name}=${values.join(' or ')}`);
  const has = Object.keys(axis.applies ?? {}).map((name) => `${name}=${config[name] ?? 'nothing'}`);
  return `${axis.name} applies only with ${needs.join(' and ')}, and this config has ${has.join(' and ')}; leave it out`;
};
