import type { Config } from '../matrices/config.ts';
import { formatConfig } from '../matrices/config.ts';
import { allProperties } from '../properties/all.ts';
import type { Reference } from '../properties/property.ts';
import type { Failure } from '../reports/report-model.ts';
import { firstAttempt } from './cell.ts';
import { judgingOf } from './judge-alone.ts';
import { findReferences } from './judge-config.ts';
import type { StagedFailure } from './judge-stages.ts';
import { cellOf, type Laboratory } from './laboratory.ts';
import { subjectOf } from './subject.ts';

export interface TracedFailure extends StagedFailure {
  /** Only where its property compares losses that both sides have. */
  readonly losses?: NonNullable<Failure['losses']>;
}

/**
 * Adds the losses of a failure's minimal cell, and those of the runs that its property compares it with. All of them were
 * judged before: what the ledger does not have is left out.
 */
export const traceLosses = async (failure: StagedFailure, laboratory: Laboratory): Promise<TracedFailure> => {
  const { catalogue, lookUp, abort } = laboratory;
  const { ready, config, signature } = failure.minimal;
  const property = allProperties.find(({ id }) => id === signature.property);
  if (property?.references === undefined) return failure;
  const { normalise } = judgingOf(catalogue, ready, [property]);
  const wanted = Object.values(property.references(subjectOf(catalogue, config, ready.hello.versions)));
  const references = await findReferences(
    laboratory,
    ready,
    wanted.map((reference) => ({ ...reference, config: normalise(reference.config) })),
    lookUp,
  );
  const cell = await lookUp(cellOf(laboratory, ready, config, firstAttempt), abort);
  const losses = cell.kind === 'observed' ? cell.observation.losses : undefined;
  const compared = references.flatMap(({ reference, place, observation }) =>
    observation.losses === undefined
      ? []
      : [{ what: whatDiffers(reference, config, place.ready.pin.id), losses: observation.losses.map(finite) }],
  );
  return losses === undefined || compared.length === 0
    ? failure
    : { ...failure, losses: { cell: losses.map(finite), references: compared } };
};

/** JSON knows no number that is not finite. */
const finite = (loss: number): number | null => (Number.isFinite(loss) ? loss : null);

/** What a reference is beside the cell: `sharding=none`, `on peft-0.20.0`, or the same once more. */
const whatDiffers = ({ config, pin, attempt }: Reference, own: Config, place: string): string => {
  const changed = Object.fromEntries(Object.entries(config).filter(([name, value]) => own[name] !== value));
  const parts = [formatConfig(changed), ...(pin === undefined ? [] : [`on ${place}`])].filter((part) => part !== '');
  if (parts.length > 0) return parts.join(' ');
  return attempt === 0 ? 'the same' : 'the same once more';
};
