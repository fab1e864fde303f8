import { combineCells, type Combined } from '../../support-matrix/combine-states.ts';
import type { SupportState } from '../../support-matrix/support-matrix-model.ts';
import type { Choice } from './choose-variant.ts';
import { methodsOf, rowsOf, type SiteIndex } from './site-index.ts';
import { runsOf } from './words.ts';

/** A line of the matrix: a method, and what it comes to on every release. */
export interface MethodLine {
  readonly method: string;
  /** In the order of the releases. */
  readonly places: readonly Combined[];
}

export interface MatrixView {
  readonly lines: readonly MethodLine[];
  /** Methods without a single run, or reason why not, for this choice. */
  readonly unasked: readonly string[];
}

/** The matrix for one kind of evidence and the shardings and precisions that are chosen. */
export const matrixView = (index: SiteIndex, choice: Choice): MatrixView => {
  const { releases } = index.matrix;
  const lines = methodsOf(index).map((method): MethodLine & { readonly isAsked: boolean } => {
    const rows = choice.evidence === undefined ? [] : rowsOf(index, choice.evidence.index, method, choice);
    return {
      method,
      places: releases.map((release) => combineCells(rows.map(({ cells }) => cells[release]))),
      isAsked: rows.length > 0,
    };
  });
  return {
    lines: lines.filter(({ isAsked }) => isAsked),
    unasked: lines.filter(({ isAsked }) => !isAsked).map(({ method }) => method),
  };
};

/** Which lines are looked for: a part of the name, and a state that some release has. */
export interface LineFilter {
  readonly text: string;
  readonly state: SupportState | undefined;
}

export const filterLines = (lines: readonly MethodLine[], { text, state }: LineFilter): readonly MethodLine[] =>
  lines.filter(
    ({ method, places }) =>
      hasText(method, text) && (state === undefined || places.some((place) => place.state === state)),
  );

/** Of methods that nothing was run of; on every release they are unknown. */
export const filterUnasked = (methods: readonly string[], { text, state }: LineFilter): readonly string[] =>
  state === undefined || state === 'unknown' ? methods.filter((method) => hasText(method, text)) : [];

const hasText = (method: string, text: string): boolean => method.toLowerCase().includes(text.trim().toLowerCase());

export const runsIn = (lines: readonly MethodLine[]): number =>
  lines.reduce((sum, { places }) => sum + places.reduce((within, place) => within + runsOf(place), 0), 0);
