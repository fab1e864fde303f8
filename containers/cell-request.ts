import * as z from 'zod';
import { phases } from '../matrices/phase.ts';

/** The files of an adapter's checkpoint: name to content, in base64. Some tens of kB, for the models are tiny. */
export const checkpointFilesSchema = z.record(z.string(), z.string());
export type CheckpointFiles = z.infer<typeof checkpointFilesSchema>;

/**
 * One cell as the probe gets it: the config, and what the data under `matrices/` says its values mean. The probe knows
 * no adapter and no model by name.
 *
 * This schema is the single description of the message; `containers/probe` is written against it.
 */
export const cellRequestSchema = z.strictObject({
  /** The config itself. The probe reads the axes of `axes.yaml` that are neither the model's nor arguments of adapters. */
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  model: z.strictObject({
    /** `transformers`, or `probe` for the plain modules of `models.py`. */
    library: z.enum(['transformers', 'probe']),
    architecture: z.string(),
    /** Null where the model's class takes the arguments itself. */
    configClass: z.nullable(z.string()),
    arguments: z.record(z.string(), z.unknown()),
    layer: z.string(),
    /** Decides batch and loss. */
    task: z.enum(['causal', 'seq2seq', 'classification', 'regression']),
  }),
  /** The PEFT config to build, its arguments final; null for full fine-tuning without PEFT. */
  adapter: z.nullable(
    z.strictObject({
      configClass: z.string(),
      arguments: z.record(z.string(), z.unknown()),
      /** Amplitude of the noise that moves every trainable parameter off its initial value. */
      push: z.number().positive(),
      /** Arguments of the adapter that is put beside the trained one; those of the trained one where there are none. */
      second: z.nullable(z.record(z.string(), z.unknown())).optional(),
    }),
  ),
  /** Number of rank processes: 1 when `sharding` is `none`. */
  ranks: z.int().positive(),
  device: z.enum(['cpu', 'cuda']),
  /** Keys every generator of weights, batches and perturbations. */
  seed: z.int().nonnegative(),
  steps: z.int().positive(),
  /** Of plain SGD, without momentum. */
  learningRate: z.number().positive(),
  /** Sequences in the whole batch; each rank takes an equal, contiguous share. */
  batch: z.int().positive(),
  /** Tokens in a sequence. */
  sequence: z.int().positive(),
  /** Phases to run, in order; the first that fails ends the cell. `import` has happened in the parent (or, cold, in each rank). */
  phases: z.array(z.enum(phases)),
  /**
   * What is done with the trained model after that, each as its phases in order: `[['save', 'load'], ['merge', 'unmerge']]`.
   * Each finds the model as training left it; one that fails keeps the others from nothing. Only on one rank.
   */
  usages: z.array(z.array(z.enum(phases)).min(1)),
  /** What the phase `read` reads, in place of training: a checkpoint that a cell of another release wrote. */
  checkpoint: z
    .strictObject({
      /** Key of the cell that wrote it. */
      writer: z.string(),
      /** Digest of the outputs that the writing run ended with: another run of that cell may end in other bytes. */
      outputs: z.string(),
      /** Left out of the cell's identity: the two above say what they are. */
      files: checkpointFilesSchema.optional(),
    })
    .optional(),
  /** Time limit of each phase, in milliseconds, on each rank. */
  phaseDeadlineMs: z.int().positive(),
  /** Once one rank has failed, how long the others may go on before their stacks are dumped and they are killed, in milliseconds. */
  graceMs: z.int().positive(),
});

export type CellRequest = z.infer<typeof cellRequestSchema>;
