/** Values of a config by axis, as the data have them. */
export type Values = Readonly<Record<string, string | number | boolean>>;

/** `adapter=dora sharding=fsdp1`, as the command line takes it. */
export const showValues = (values: Values): string => {
  const text = Object.entries(values).map(([name, value]) => `${name}=${String(value)}`);
  return text.length === 0 ? 'all defaults' : text.join(' ');
};

/** Whether every value of `part` is also one of `whole`; what `whole` does not name has its default. */
export const containsValues = (whole: Values, part: Values, defaults: Values): boolean =>
  Object.entries(part).every(([name, value]) => String(whole[name] ?? defaults[name]) === String(value));
