import type { JSX } from 'preact';
import { evidenceFor, type Choice } from '../../model/choose-variant.ts';
import type { SiteIndex } from '../../model/site-index.ts';
import { choose } from '../use-route.ts';
import { EvidencePicker } from './evidence-picker.tsx';
import { Picker } from './picker.tsx';

interface ChoiceBarProps {
  readonly index: SiteIndex;
  readonly choice: Choice;
}

/** What a table is about: on what it was measured, and which shardings and precisions. */
export const ChoiceBar = ({ index, choice }: ChoiceBarProps): JSX.Element => {
  const { matrix } = index;
  const pickSharding = (sharding: string): void => {
    const evidence = evidenceFor(index, sharding === '' ? undefined : sharding, choice.evidence);
    choose({ sharding, on: evidence?.slug });
  };
  return (
    <div class="bar">
      <EvidencePicker index={index} shown={choice.evidence} sharding={choice.sharding} />
      <Picker
        label="Sharding"
        name="sharding"
        options={[['', 'all'], ...matrix.shardings.map((one): [string, string] => [one, one])]}
        value={choice.sharding ?? ''}
        onPick={pickSharding}
      />
      <Picker
        label="Precision"
        name="precision"
        options={[['', 'all'], ...matrix.precisions.map((one): [string, string] => [one, one])]}
        value={choice.precision ?? ''}
        onPick={(precision) => choose({ precision })}
      />
    </div>
  );
};
