import type { Phase } from '../containers/observation.ts';
import type { Judgement } from './property.ts';

export const holds: Judgement = { kind: 'holds' };

export const violated = (phase: Phase, message: string, detail: string): Judgement => ({
  kind: 'violated',
  phase,
  message,
  detail,
});

export const noEvidence = (reason: string): Judgement => ({ kind: 'no-evidence', reason });

/** The first check that finds something; what is not found holds. Checks run in the order that causes come before effects. */
export const firstViolation = (...checks: readonly (() => Judgement | undefined)[]): Judgement => {
  for (const check of checks) {
    const judgement = check();
    if (judgement !== undefined) return judgement;
  }
  return holds;
};

/** Every check that finds something, where one fault neither causes nor hides another; if none does, it holds. */
export const everyViolation = (...checks: readonly (() => Judgement | undefined)[]): readonly Judgement[] => {
  const found = checks.flatMap((check) => check() ?? []);
  return found.length === 0 ? [holds] : found;
};

/** A figure for people: four significant digits. */
export const figure = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
