/** A value that an axis can take. */
export type AxisValue = string | number | boolean;

/**
 * One training configuration: a value for every axis that applies to it.
 *
 * An axis that does not apply (`use_orig_params` without FSDP1) is absent, never null.
 */
export type Config = Readonly<Record<string, AxisValue>>;

/** The config as `key=value` pairs in the given order of keys, as the command line takes it. */
export const formatConfig = (config: Config): string =>
  Object.entries(config)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** The same config always gives the same text, whatever the order its keys were set in. */
export const canonicalConfig = (config: Config): string =>
  JSON.stringify(
    Object.keys(config)
      .toSorted()
      .map((name) => [name, config[name]]),
  );

/** True when `config` has every value of `part`. */
export const containsConfig = (config: Config, part: Config): boolean =>
  Object.entries(part).every(([name, value]) => config[name] === value);
