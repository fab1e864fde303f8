import { execa } from 'execa';
import * as z from 'zod';
import { InfrastructureError } from '../../matrices/errors.ts';
import { mutantsEnvironment } from './places.ts';

const mutantSchema = z.strictObject({
  /** `file:function:operator:ordinal`. */
  id: z.string(),
  /** Below PEFT's package, e.g. `tuners/lora/layer.py`. */
  file: z.string(),
  function: z.string(),
  operator: z.string(),
  line: z.int(),
  /** First byte that is replaced, and the first behind them. */
  begin: z.int(),
  end: z.int(),
  before: z.string(),
  after: z.string(),
  /** Runs of lines, first to last, of which one must be executed for the fault to matter. */
  reached_by: z.array(z.tuple([z.int(), z.int()])),
});

/** One small fault in PEFT's sources. */
export type Mutant = z.infer<typeof mutantSchema>;

const answerSchema = z.strictObject({ reached: z.int(), mutants: z.array(mutantSchema) });

export interface MutantRequest {
  /** Folder of PEFT's package. */
  readonly package: string;
  readonly files: readonly string[];
  /** Of each file, the lines that some cell executes. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
  readonly count: number;
  readonly seed: number;
  /** Ids to list in place of a sample. */
  readonly only?: readonly string[] | undefined;
}

/** Asks the mutator for a sample of faults; `reached` is how many there are on lines that are executed. */
export const listMutants = async (python: string, request: MutantRequest): Promise<z.infer<typeof answerSchema>> => {
  const { stdout, stderr, exitCode } = await execa(python, ['-m', 'peft_mutants.mutator'], {
    input: JSON.stringify(request),
    env: mutantsEnvironment(0),
    extendEnv: false,
    reject: false,
  });
  if (exitCode !== 0) throw new InfrastructureError(`The mutator failed: ${stderr}`);
  return answerSchema.parse(JSON.parse(stdout));
};
