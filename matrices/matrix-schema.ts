import * as z from 'zod';
import type { Axis } from './axis.ts';
import type { AxisValue } from './config.ts';
import { asOfSchema, pinSchema } from './pin-schema.ts';

/** The schema of matrix files: its `axes` may name the given axes and values only. */
export const matrixSchema = (axes: readonly Axis[]): z.ZodType<MatrixFile> =>
  z.strictObject({
    version: z.literal(1).describe('Version of this format'),
    name: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9._-]{0,63}$/,
        'expected up to 64 lower-case letters, digits, ., - and _, beginning with a letter or digit',
      )
      .describe('Names the campaigns, and the folder of the locks'),
    asOf: asOfSchema.exactOptional(),
    pins: z.array(pinSchema).min(1).describe('Sets of versions to run on'),
    axes: valuesByAxis(axes).describe('Values to combine; an axis that is not listed has its default'),
    options: z
      .literal('all')
      .exactOptional()
      .describe('all: every option of the adapters that the file lists is an axis too, with all its values'),
    stages: z
      .array(valuesByAxis(axes))
      .min(1)
      .exactOptional()
      .describe(
        'Parts of the axes that are covered first, one after the other; an axis that a part does not list is whole',
      ),
    strength: z
      .union([z.literal(1), z.literal(2), z.literal(3)], { error: 'expected 1, 2 or 3' })
      .default(2)
      .describe('Every combination of this many values is covered'),
    seed: z.int().min(0).max(2_147_483_647).default(42).describe('Same seed, same plan'),
    budget: z
      .strictObject({
        cells: z
          .int()
          .min(1)
          .max(1_000_000)
          .default(300)
          .describe(
            'Runs to plan at most, shared evenly by the pins: covering ones first, then random ones. Reading the checkpoints of another release comes on top: it trains nothing',
          ),
        random: z
          .int()
          .min(0)
          .exactOptional()
          .describe('Of them, random ones on each pin at most; as many as fit if absent'),
        minutes: z.number().positive().max(100_000).default(10).describe('Wall time after which no cell is begun'),
      })
      .prefault({}),
  });

/** Values of axes, as a file lists them. */
export type ListedValues = Readonly<Record<string, readonly AxisValue[] | typeof allValues>>;

/** What a matrix file says, defaults filled in. */
export interface MatrixFile {
  readonly version: 1;
  readonly name: string;
  readonly asOf?: string;
  readonly pins: readonly z.output<typeof pinSchema>[];
  readonly axes: ListedValues;
  readonly options?: typeof allValues;
  readonly stages?: readonly ListedValues[];
  readonly strength: 1 | 2 | 3;
  readonly seed: number;
  readonly budget: { readonly cells: number; readonly random?: number; readonly minutes: number };
}

/** In place of the list of values of an axis: all that it lists. */
export const allValues = 'all';

/** In the list of values of an axis with a range: any number of the range, in random configs. */
export const anyNumber = 'any';

const valuesByAxis = (axes: readonly Axis[]): z.ZodType<ListedValues> =>
  z.strictObject(Object.fromEntries(axes.map((axis) => [axis.name, valuesSchema(axis)])));

const valuesSchema = (axis: Axis): z.ZodExactOptional<z.ZodType<readonly AxisValue[] | typeof allValues>> => {
  const { description, values, numbers } = axis;
  const range =
    numbers === undefined ? '' : `. \`${anyNumber}\` adds random numbers from ${numbers.from} to ${numbers.to}`;
  const list = z.array(z.literal(numbers === undefined ? [...values] : [...values, anyNumber])).min(1);
  return z
    .union([list, z.literal(allValues)], { error: `expected a list of values, or ${allValues}` })
    .describe(`${description}${range}`)
    .exactOptional();
};
