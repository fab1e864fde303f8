import type { ReportedPin } from './report-model.ts';
import { oneLine } from './text/safe-text.ts';

/**
 * Methods that no adapter of the data names, each with the pins that offer it: `FooConfig (peft-0.22.0, peft-0.21.2)`,
 * in alphabetical order.
 */
export const methodsNotCovered = (pins: readonly ReportedPin[]): readonly string[] => {
  const methods = new Set(pins.flatMap(({ notCovered = [] }) => notCovered));
  return [...methods].toSorted().map((method) => {
    const places = pins.filter(({ notCovered = [] }) => notCovered.includes(method)).map(({ id }) => oneLine(id, 80));
    return `${oneLine(method, 80)} (${places.join(', ')})`;
  });
};
