import { join } from 'node:path';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import { defaultResults } from '../results-words.ts';
import { pathKind } from '../path-kind.ts';

/** Says with which exit code the process will end. */
export type Finish = (exitCode: number) => void;

/** The matrix of a command that names none, and what people call it. */
export const defaultMatrix = [join(import.meta.dirname, '../../matrices/quick.yaml'), 'matrices/quick.yaml'] as const;

/** Joined to the names of what is ours, an empty one would be the folder that somebody is in, and be cleaned. */
const folderOption = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('expected the name of a folder');
  if (pathKind(text) === 'file') {
    throw new InputError(`--results ${text}: ${text} is a file, not a folder. Name another folder with --results`);
  }
  return text;
};

export const resultsOption = [
  '--results <folder>',
  'where ledger and campaigns are kept',
  folderOption,
  defaultResults,
] as const;

/** @throws {InputError} When what is to be a file is a folder; `what` named it. */
export const refuseFolder = (path: string, what: string): void => {
  if (pathKind(path) === 'folder') {
    throw new InputError(`${what} ${path}: it is a folder. Name a file, in it or elsewhere`);
  }
};

/** An option that is a whole number. */
export const integerOption = (text: string): number => {
  if (!/^-?\d+$/.test(text.trim())) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
};

/** An option that is a whole number, and not less than one. */
export const countOption = (text: string): number => {
  const count = integerOption(text);
  if (count < 1) throw new InvalidArgumentError('expected at least 1');
  return count;
};

/** An option that is a number. */
export const numberOption = (text: string): number => {
  if (text.trim() === '' || !Number.isFinite(Number(text))) throw new InvalidArgumentError('expected a number');
  return Number(text);
};

export const msPerDay = 86_400_000;

/** Data goes to stdout, the rest to stderr. */
export const print = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

/** Whether to colour: what everyone knows, `NO_COLOR` and `FORCE_COLOR`, then whether it is a terminal. */
export const useColour = (stream: NodeJS.WriteStream, variables: NodeJS.ProcessEnv = process.env): boolean => {
  if ((variables['NO_COLOR'] ?? '') !== '') return false;
  if ((variables['FORCE_COLOR'] ?? '') !== '') return variables['FORCE_COLOR'] !== '0';
  return stream.isTTY;
};

/** Columns of the terminal; 80 where it does not know, 100 where there is none. */
export const terminalWidth = ({ columns }: { readonly columns?: number } = process.stdout): number =>
  columns === 0 ? 80 : (columns ?? 100);
