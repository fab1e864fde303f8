import type { Condition } from './axis.ts';
import type { Config } from './config.ts';

/** True when the config has one of the values for every axis that the condition names. */
export const matchesCondition = (condition: Condition, config: Config): boolean =>
  Object.keys(condition).every((axis) => {
    const value = config[axis];
    return value !== undefined && condition[axis]?.includes(value) === true;
  });
