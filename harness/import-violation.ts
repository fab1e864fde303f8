import { libraryFrames } from '../properties/library-frames.ts';
import { normaliseMessage } from '../properties/normalise-message.ts';
import { signatureId } from '../properties/signature.ts';
import type { Signature } from '../properties/verdict.ts';
import type { Violation } from './find-failures.ts';
import type { PinState } from './ready-pins.ts';

/** A pin in which torch, transformers or PEFT cannot be imported is one failure, whatever the matrix asks of it. */
export const importViolations = (states: readonly PinState[]): readonly Violation[] =>
  states.flatMap((state) => {
    if (state.kind !== 'import-failed') return [];
    const { pin, failure } = state;
    const signature: Signature = {
      property: 'runs',
      phase: 'import',
      exception: failure.type,
      message: normaliseMessage(failure.message),
      frames: libraryFrames(failure.frames),
    };
    const hello = { ...nothingOffered, versions: failure.versions, device: pin.device };
    return [
      { ready: { pin, hello }, config: {}, signature, signatureId: signatureId(signature), detail: failure.message },
    ];
  });

/** What a pin that cannot be imported has to offer. */
export const nothingOffered = {
  semantics: 0,
  devices: 0,
  configClasses: {},
  dtypes: [],
  lstmDtypes: [],
  shardings: [],
  preloaded: [],
  machine: {},
  residentBytes: 0,
  importMs: 0,
};
