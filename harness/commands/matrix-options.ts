import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import * as z from 'zod';
import type { Catalogue } from '../../matrices/catalogue.ts';
import { InputError } from '../../matrices/errors.ts';
import { loadMatrix, type Matrix } from '../../matrices/matrix.ts';
import { integerOption, numberOption } from './command.ts';

/** What the command line says of a matrix. All of it is part of the campaign's id. */
export interface MatrixFlags {
  readonly seed?: number;
  readonly strength?: number;
  readonly cells?: number;
  readonly minutes?: number;
}

/** Adds what is to be otherwise than the matrix file says. */
export const withMatrixOptions = <C extends CommandUnknownOpts>(command: C): C => {
  command
    .option('--seed <number>', 'another seed than the matrix says', integerOption)
    .option('--strength <1|2|3>', 'cover every combination of so many values', integerOption)
    .option('--cells <number>', 'plan at most so many runs: covering ones first, then random ones', integerOption)
    .option('--minutes <number>', 'begin no cell after so many minutes', numberOption);
  return command;
};

const flagsSchema = z.object({
  seed: z.int().min(0).max(2_147_483_647),
  strength: z.literal([1, 2, 3]),
  budget: z.object({ cells: z.int().min(1).max(1_000_000), minutes: z.number().positive().max(100_000) }),
});

const allowed: Readonly<Record<string, string>> = {
  seed: 'a whole number from 0 to 2147483647',
  strength: '1, 2 or 3',
  cells: 'a whole number from 1 to 1000000',
  minutes: 'a number above 0, at most 100000',
};

/**
 * The matrix of a file, changed as the flags say. They win over the file, and obey the same rules.
 *
 * @throws {InputError} When the file cannot be read, or a flag is out of its range.
 */
export const matrixWith = async (
  { seed, strength, cells, minutes }: MatrixFlags,
  file: string,
  catalogue: Catalogue,
): Promise<Matrix> => {
  const matrix = await loadMatrix(file, catalogue);
  const given: Readonly<Record<string, number | undefined>> = { seed, strength, cells, minutes };
  const parsed = flagsSchema.safeParse({
    seed: seed ?? matrix.seed,
    strength: strength ?? matrix.strength,
    budget: { cells: cells ?? matrix.budget.cells, minutes: minutes ?? matrix.budget.minutes },
  });
  if (parsed.success) return { ...matrix, ...parsed.data, budget: { ...matrix.budget, ...parsed.data.budget } };
  // A number that no integer holds is refused twice.
  const names = new Set(parsed.error.issues.map(({ path }) => String(path.at(-1))));
  throw new InputError(
    [...names].map((name) => `--${name} ${given[name]} is not allowed. Allowed: ${allowed[name]}`).join('\n'),
  );
};
