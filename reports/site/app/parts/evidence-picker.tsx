import type { JSX } from 'preact';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import { hasSharding } from '../../model/choose-variant.ts';
import type { EvidenceClass, SiteIndex } from '../../model/site-index.ts';
import { choose } from '../use-route.ts';
import { Picker } from './picker.tsx';

interface EvidencePickerProps {
  readonly index: SiteIndex;
  readonly shown: EvidenceClass | undefined;
  /** The sharding that is chosen: taken back by a kind of evidence that does not have it. */
  readonly sharding?: string | undefined;
}

/** On what the runs were had. There is no choice of all: what ran on one says nothing of another. */
export const EvidencePicker = ({ index, shown, sharding }: EvidencePickerProps): JSX.Element => {
  const pick = (on: string): void => {
    const picked = index.evidence.find(({ slug }) => slug === on);
    const isKept = picked === undefined || hasSharding(index, picked, sharding);
    choose({ on, cell: undefined, ...(isKept ? {} : { sharding: undefined }) });
  };
  return (
    <Picker
      label="Measured on"
      name="on"
      options={index.evidence.map(({ slug, evidence }) => [slug, showEvidence(evidence)])}
      value={shown?.slug ?? ''}
      onPick={pick}
    />
  );
};
