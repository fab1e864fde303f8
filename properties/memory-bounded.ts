import { holds, noEvidence, violated } from './judgements.ts';
import type { Property } from './property.ts';

/**
 * What a process of ours holds is Python, torch, transformers and PEFT: 300 MB, of which the tiny models, their
 * gradients and activations are a thousandth. What full fine-tuning of the same model takes beside that, an adapter may
 * take too, and more of it is in its usages (up to eight models at once), in modules that it imports late, and in the
 * allocator's arenas: together some ten MB. As much again as the whole process is a thousand copies of the model: no
 * method needs that, and no noise of the machine makes it. Less than that the machine cannot tell.
 */
const factor = 2;

export const memoryBounded: Property = {
  id: 'memory-bounded',
  version: 1,
  claim: 'An adapter takes no more than twice the memory of a process that trains the same model without one.',
  applies: ({ adapter }) => adapter.configClass !== null,
  references: ({ config }) => ({ full: { config: { ...config, adapter: 'none', sharding: 'none' }, attempt: 0 } }),
  judge: (_subject, { peakBytes }, { full }) => {
    if (full === undefined) return noEvidence('full fine-tuning was not run');
    if (peakBytes === undefined || full.peakBytes === undefined)
      return noEvidence('the machine does not tell how much memory was taken');
    if (full.stop !== undefined) return noEvidence('full fine-tuning was stopped');
    return peakBytes <= factor * full.peakBytes
      ? holds
      : violated(
          'train',
          'more than twice the memory of full fine-tuning without sharding',
          `at most ${megabytes(peakBytes)} MB of one process, ${megabytes(full.peakBytes)} MB without the adapter`,
        );
  },
};

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
