import { styleText } from 'node:util';

const styles = {
  strong: ['bold'],
  faint: ['dim'],
  good: ['green'],
  bad: ['bold', 'red'],
  known: ['yellow'],
  odd: ['magenta'],
} satisfies Readonly<Record<string, Parameters<typeof styleText>[0]>>;

/** What a piece of text means; `plain` is left alone. */
export type Style = keyof typeof styles | 'plain';

/** Colours a text that is known to be harmless. Measure and pad before painting. */
export type Paint = (style: Style, text: string) => string;

export const paintWith =
  (colour: boolean): Paint =>
  (style, text) =>
    colour && style !== 'plain' && text !== '' ? styleText(styles[style], text, { validateStream: false }) : text;
