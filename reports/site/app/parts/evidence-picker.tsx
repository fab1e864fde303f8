import type { JSX } from 'preact';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import type { EvidenceClass, SiteIndex } from '../../model/site-index.ts';
import { choose } from '../use-route.ts';
import { Picker } from './picker.tsx';

interface EvidencePickerProps {
  readonly index: SiteIndex;
  readonly shown: EvidenceClass | undefined;
}

/** On what the runs were had. There is no choice of all: what ran on one says nothing of another. */
export const EvidencePicker = ({ index, shown }: EvidencePickerProps): JSX.Element => (
  <Picker
    label="Measured on"
    name="on"
    options={index.evidence.map(({ slug, evidence }) => [slug, showEvidence(evidence)])}
    value={shown?.slug ?? ''}
    onPick={(on) => choose({ on, cell: undefined })}
  />
);
