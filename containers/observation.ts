import * as z from 'zod';
import { phases, type Phase } from '../matrices/phase.ts';

export type { Phase };

/** A float that may not be finite: the probe writes `"NaN"`, `"Infinity"`, `"-Infinity"`, which JSON numbers cannot say. */
const float = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform((text): number => Number(text))]);

const frameSchema = z.strictObject({
  /** Path below the package's parent folder, e.g. `peft/tuners/lora/dora.py`; `<probe>` paths are the probe's own. */
  file: z.string(),
  function: z.string(),
  line: z.int(),
});
export type Frame = z.infer<typeof frameSchema>;

/** How a cell ended before its last phase was done. */
const stopSchema = z.strictObject({
  /**
   * - `exception`: a rank raised; `exception` says what.
   * - `timeout`: a phase ran past its deadline, or every rank slept for five seconds; `stacks` says where each rank stood.
   * - `crash`: a rank died by a signal of its own (SIGSEGV, SIGABRT, ...) or left with `os._exit`.
   * - `out-of-memory`: proven by the kernel's counter or raised by the allocator.
   * - `killed`: SIGKILL that nothing explains: nobody's verdict, the cell is `broken`.
   * - `garbage`: the rank ended well but its answer could not be read.
   */
  kind: z.enum(['exception', 'timeout', 'crash', 'out-of-memory', 'killed', 'garbage']),
  phase: z.enum(phases),
  /** The rank that failed first; a peer's "connection closed" is a consequence, never the cause. */
  rank: z.int(),
  exception: z
    .strictObject({
      /** Qualified below builtins: `ValueError`, `torch.OutOfMemoryError`. */
      type: z.string(),
      /** At most 4,000 characters. */
      message: z.string(),
      /** Outermost first, at most 30 (the innermost ones are kept). */
      frames: z.array(frameSchema),
    })
    .optional(),
  /** Name of the signal that ended the rank, e.g. `SIGSEGV`. */
  signal: z.string().optional(),
  exitCode: z.int().optional(),
  /** Python stacks of the ranks that were still alive, innermost frame last. */
  stacks: z.array(z.strictObject({ rank: z.int(), frames: z.array(frameSchema) })).optional(),
  /** Last 4,000 characters that the failing rank printed. */
  output: z.string().optional(),
});
export type Stop = z.infer<typeof stopSchema>;

/** Eight random signed projections of a tensor in float64: linear, so differences of sketches are sketches of differences. */
const sketch = z.array(float).length(8);

const trainableSchema = z.strictObject({
  /** Without FSDP's, DDP's and checkpointing's wrappings. */
  name: z.string(),
  shape: z.array(z.int()),
  dtype: z.string(),
  /** First 16 hex digits of BLAKE2b over the bytes after training. */
  digest: z.string(),
  /** Euclidean norm after training. */
  norm: float,
  /** Value after the last step minus value before the first, in float64. */
  update: z.strictObject({ norm: float, sketch }),
});
export type Trainable = z.infer<typeof trainableSchema>;

const outputSchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int()),
  norm: float,
  sketch,
  digest: z.string(),
});

/**
 * Relative distance of two outputs on the same fixed batch: the norm of their difference over the norm of the one that
 * is expected; exact, not from sketches. Dimensionless.
 */
const distance = float;

/** What an operation came to that may be refused: how far its outputs are from the expected ones, or the exception's type. */
const attempt = z.strictObject({ distance: distance.optional(), raised: z.string().optional() });

const usageFacts = {
  /** Outputs of the fresh adapter, before it is moved off its initial values, against those of the base model. */
  start: z.strictObject({ distance }).optional(),
  /** disable, enable. */
  disabled: z
    .strictObject({
      /** Outputs with the adapter disabled, against those of a base model that never had one. */
      distance,
      /**
       * Gradient of the loss with the adapter disabled by the model's first parameter, against that of the base model.
       * 1 where none arrives; absent where the adapter left no such parameter.
       */
      gradient: distance.optional(),
      /** Outputs after enabling again, against those before. */
      enabled: distance.optional(),
      /** Names of parameters whose `requires_grad` is not what it was before disabling. */
      flags: z.array(z.string()).optional(),
    })
    .optional(),
  generated: z
    .strictObject({
      /** New tokens of greedy generation, `sequence` of them at most, for every row of the fixed batch. */
      tokens: z.array(z.array(z.int())),
      /** The same, chosen by one whole forward pass a token. */
      expected: z.array(z.array(z.int())),
    })
    .optional(),
  resumed: z
    .strictObject({
      /** Mean losses of `steps` more steps without a break. */
      losses: z.array(float),
      /** The same after loading a checkpoint into a fresh model with another seed. */
      resumedLosses: z.array(float),
      /** Outputs after resumed training, against those of training without a break. */
      distance,
      /** Trained parameters whose bytes differ from those of training without a break. */
      differing: z.array(z.string()),
    })
    .optional(),
  /** merge, unmerge. */
  merged: z
    .strictObject({
      /** Merged outputs against `outputs`. */
      distance,
      /** Base weights whose dtype the merge changed. */
      dtypes: z.array(z.string()),
      /**
       * Gradient of the loss by the model's first parameter, against that before merging. Absent where that is a weight of
       * an adapted layer, or dtypes were changed.
       */
      gradient: distance.optional(),
      /** After merging a second time, against `outputs`. */
      twice: attempt,
      /** A copy after `merge_and_unload`, against `outputs`. */
      unloaded: attempt,
      /** The same with `safe_merge`: code of its own in every method. */
      safelyUnloaded: attempt.optional(),
      /** A `safe_merge` of an adapter with a NaN in it: it must raise, and leave the base weights alone. */
      safe: z.strictObject({ raised: z.string().optional(), changed: z.array(z.string()) }).optional(),
      /** After unmerge, against `outputs`. */
      unmerged: distance.optional(),
      /** Base weights: largest relative distance, over all of them, to what they were before the merge. */
      restored: distance.optional(),
    })
    .optional(),
  /** second-adapter, switch, delete: another adapter beside the trained one. */
  adapters: z
    .strictObject({
      /** Outputs of the trained adapter while it is active and the other is there too, against `outputs`. */
      beside: distance.optional(),
      /** Outputs of the other one alone, perturbed by its own name, against those of the same in a model of its own. */
      second: distance.optional(),
      /** After switching there and back, against `outputs`. */
      back: distance.optional(),
      /** Parameters of the inactive adapter that require gradients. */
      inactiveTrainable: z.array(z.string()).optional(),
      /**
       * Keys of the trained adapter's checkpoint, saved beside the other, that its checkpoint alone has not, and the
       * reverse; those of the other adapter's with its name and a colon before.
       */
      savedExtra: z.array(z.string()).optional(),
      savedMissing: z.array(z.string()).optional(),
      /**
       * Adding an adapter under the trained one's name, to a copy: PEFT must refuse, and leave its outputs alone. The only
       * fact where `second_adapter` is that name.
       */
      duplicate: attempt.optional(),
      /** After deleting the other, against `outputs`. */
      deleted: distance.optional(),
      /** Names of tensors of the deleted adapter that are still there. */
      leftovers: z.array(z.string()).optional(),
    })
    .optional(),
  combined: z
    .strictObject({
      /** `add_weighted_adapter` of the trained one alone with weight 1, against `outputs`. */
      single: attempt,
      /** With weight -1: its change of the outputs' weights against the trained one's, with the sign turned. */
      negative: attempt,
    })
    .optional(),
  /** Another adapter, of another rank where the method has one, put in the trained one's place, against the same loaded as usual. */
  hotswapped: z.strictObject({ distance }).optional(),
  /** One batch, rows for the trained adapter and for the base model, against the same rows one by one. */
  mixed: z.strictObject({ distance }).optional(),
};

/** What one run of a cell showed. Written once, never changed. */
export const observationSchema = z.strictObject({
  /** Time each finished phase took on rank 0, in milliseconds; the phases that are missing were not reached or not asked for. */
  phases: z.array(z.strictObject({ name: z.enum(phases), ms: z.number() })),
  stop: stopSchema.optional(),
  /** Usages that came to an end before their last phase was done; the cell went on. */
  usageStops: z.array(stopSchema).optional(),
  ranks: z.int(),
  backend: z.enum(['none', 'gloo', 'nccl']),
  /** What the cell got, as against what it asked for. Absent before `wrap`. */
  got: z
    .strictObject({
      /** Class of the outermost module: `PeftModel`, `DistributedDataParallel`, `FullyShardedDataParallel`, `FSDPLlamaForCausalLM`. */
      wrapped: z.string(),
      /** Number of FSDP units (FSDP1 wrappers, FSDP2 modules); 0 without FSDP. */
      units: z.int(),
      /** How many of them are one of the model's repeated layers (`Model.layer`). */
      layerUnits: z.int().optional(),
      /** Share of all parameter elements that each rank holds between steps, e.g. [0.5, 0.5]. */
      shares: z.array(z.number()),
      /** dtype to number of parameter elements, after `wrap`, over the whole model. */
      dtypes: z.record(z.string(), z.int()),
    })
    .optional(),
  /** Mean loss over the whole batch, one a step. */
  losses: z.array(float).optional(),
  /** Norm of all gradients together, one a step, as this rank 0 sees them after reduction. */
  gradientNorms: z.array(float).optional(),
  trainable: z.array(trainableSchema).optional(),
  /** Parameters and persistent buffers that must not move. */
  frozen: z
    .strictObject({
      count: z.int(),
      /** Over names and bytes, before training. */
      digest: z.string(),
      /** Names whose bytes differ after training. */
      changed: z.array(z.string()),
    })
    .optional(),
  /** Logits of the trained model on a fixed batch, in eval mode, unsharded values. */
  outputs: outputSchema.optional(),
  checkpoint: z
    .strictObject({
      /** Names of files written, sorted. */
      files: z.array(z.string()),
      /** Key to `dtype[shape]` of every tensor saved, e.g. `float32[4,32]`. */
      tensors: z.record(z.string(), z.string()),
      /** The same logits from a fresh model (another seed for everything the checkpoint should bring) after loading. */
      loaded: outputSchema.optional(),
      /** Norm of the difference between those logits and `outputs`, over the norm of `outputs`; exact, not from sketches. */
      distance: float.optional(),
      /** Parameters of the loaded adapter whose bytes differ from the trained ones. */
      differing: z.array(z.string()).optional(),
      /** Parameters that require gradients though the adapter was loaded for inference. */
      trainable: z.array(z.string()).optional(),
    })
    .optional(),
  ...usageFacts,
  /** read: what a checkpoint of another release came to. */
  read: z
    .strictObject({
      /** The same logits as `outputs`, of a fresh model with that checkpoint. */
      outputs: outputSchema,
      /** Keys that the model has and the checkpoint has not, beyond those that a checkpoint of its own has not either. */
      missing: z.array(z.string()),
      /** Keys that the checkpoint has and the model has not, beyond those of a checkpoint of its own. */
      unexpected: z.array(z.string()),
    })
    .optional(),
  /** Peak resident set of the rank that used most, in bytes. */
  peakBytes: z.int().optional(),
});
export type Observation = z.infer<typeof observationSchema>;
