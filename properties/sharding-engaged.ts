import type { Observation } from '../containers/observation.ts';
import { firstViolation, noEvidence, violated } from './judgements.ts';
import type { Judgement, Property, Subject } from './property.ts';

export const shardingEngaged: Property = {
  id: 'sharding-engaged',
  version: 2,
  claim: 'The model was wrapped as asked: its class, its units, and the share of it that each rank holds.',
  applies: () => true,
  judge: (subject, observation) => {
    const { got } = observation;
    if (got === undefined) return noEvidence('the cell did not get past wrapping');
    return firstViolation(
      () => judgeRanks(subject, observation),
      () => judgeClass(subject, got),
      () => judgeUnits(subject, got),
      () => judgeLayers(subject, got),
      () => judgeShares(subject, got),
    );
  },
};

type Got = NonNullable<Observation['got']>;

const shardingOf = ({ config }: Subject): string => String(config['sharding'] ?? 'none');

const judgeRanks = (subject: Subject, { ranks, backend }: Observation): Judgement | undefined => {
  const alone = shardingOf(subject) === 'none';
  if (alone === (ranks === 1) && alone === (backend === 'none')) return undefined;
  return violated(
    'wrap',
    'the cell did not run on the processes that its sharding asks for',
    `sharding=${shardingOf(subject)} ran on ${ranks} ranks with backend ${backend}`,
  );
};

const judgeClass = (subject: Subject, { wrapped }: Got): Judgement | undefined => {
  const sharding = shardingOf(subject);
  if (shardingOfClass(wrapped) === sharding) return undefined;
  return violated(
    'wrap',
    `the model was not wrapped as ${sharding} but as ${shardingOfClass(wrapped)}`,
    `sharding=${sharding} gave a ${wrapped}`,
  );
};

/** FSDP1 wraps, DDP wraps; FSDP2 changes the class in place, to the old name with `FSDP` before it. */
const shardingOfClass = (name: string): string => {
  if (name === 'DistributedDataParallel') return 'ddp';
  if (name === 'FullyShardedDataParallel') return 'fsdp1';
  return name.startsWith('FSDP') ? 'fsdp2' : 'none';
};

const judgeUnits = (subject: Subject, { units }: Got): Judgement | undefined => {
  const { least, most } = unitsOf(subject);
  if (units >= least && units <= most) return undefined;
  const fewer = units < least;
  return violated(
    'wrap',
    fewer ? 'fewer FSDP units than the wrapping asks for' : 'more FSDP units than the wrapping asks for',
    `${units} units; expected ${least === most ? least : `at least ${least}`}`,
  );
};

/** PEFT's policy also makes units of trainable leaf modules, of which there may be more than layers are missing. */
const judgeLayers = ({ config, model }: Subject, { layerUnits }: Got): Judgement | undefined => {
  const isByPolicy = config['sharding'] === 'fsdp1' && config['wrap'] === 'peft' && model.library === 'transformers';
  if (!isByPolicy || layerUnits === undefined || layerUnits >= model.layers) return undefined;
  return violated(
    'wrap',
    "layers of the model are no FSDP units under PEFT's policy",
    `${layerUnits} of ${model.layers} layers are units`,
  );
};

interface UnitRange {
  readonly least: number;
  readonly most: number;
}

/**
 * The root is a unit, each layer is one; PEFT's policy adds one for every trainable leaf module, and knows the layers of
 * transformers' models alone. What an adapter builds of the same kind of layer is wrapped like the model's.
 */
const unitsOf = ({ config, model, adapter }: Subject): UnitRange => {
  const layered = model.layers + 1;
  const most = adapter.addsLayers === true ? Number.POSITIVE_INFINITY : layered;
  switch (String(config['sharding'])) {
    case 'fsdp1':
      if (config['wrap'] === 'none') return { least: 1, most: 1 };
      if (config['wrap'] !== 'peft') return { least: layered, most };
      return { least: model.library === 'transformers' ? layered : 1, most: Number.POSITIVE_INFINITY };
    case 'fsdp2':
      return config['fully_shard'] === 'root' ? { least: 1, most: 1 } : { least: layered, most };
    default:
      return { least: 0, most: 0 };
  }
};

/**
 * Shares that may be off, as a part of the model. FSDP1 pads each unit to a multiple of the ranks; FSDP2 splits along
 * the first dimension, so an odd rank of an adapter leaves one rank with a row more. Measured between steps: 0.5 each
 * under FULL_SHARD, SHARD_GRAD_OP (which gathers for a step only) and FSDP2, at most 0.0069 away (rank 3, all linear
 * layers of a tiny GPT-2); 1 each under NO_SHARD and DDP.
 */
const unevenness = 0.05;
const padding = 0.01;

const judgeShares = (subject: Subject, { shares }: Got): Judgement | undefined => {
  const sharded = isSharded(subject);
  const fair = sharded ? 1 / shares.length : 1;
  const total = shares.reduce((sum, share) => sum + share, 0);
  const figures = `shares by rank: ${shares.map((share) => share.toFixed(4)).join(', ')}; expected about ${fair} each`;
  if (sharded && total > 1 + padding) return violated('wrap', 'ranks hold more than their share of the model', figures);
  const even = shares.every((share) => Math.abs(share - fair) <= (sharded ? unevenness : padding));
  // A share more or less than it should be, with the whole in order: the split is uneven or something is missing.
  return even && total >= fair * shares.length - padding
    ? undefined
    : violated('wrap', 'the model is not split over the ranks as asked', figures);
};

const isSharded = ({ config }: Subject): boolean =>
  config['sharding'] === 'fsdp2' || (config['sharding'] === 'fsdp1' && config['strategy'] !== 'NO_SHARD');
