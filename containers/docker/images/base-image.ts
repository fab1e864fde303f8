import type { ImageInspectInfo } from 'dockerode';
import { InfrastructureError } from '../../../matrices/errors.ts';
import type { Telling } from '../../telling.ts';
import { answerLimitMs, type Engine } from '../engine.ts';
import { askEngine, statusOf } from './ask-engine.ts';
import { followed } from './follow-progress.ts';

/** An image as the engine describes it, or undefined when it has none of that name. */
export const inspectImage = async (
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<ImageInspectInfo | undefined> => {
  try {
    return await askEngine(`looking for the image ${name}`, answerLimitMs, signal, () =>
      engine.getImage(name).inspect(),
    );
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
};

/**
 * The image that others are built on: the engine's own, else pulled.
 *
 * @param reference - Such as `python:3.11-slim`.
 * @throws InfrastructureError when it cannot be had, in the engine's words and with what to do.
 */
export const ensureBaseImage = async (
  engine: Engine,
  reference: string,
  { onStep }: Telling,
  signal: AbortSignal,
): Promise<ImageInspectInfo> => {
  const present = await inspectImage(engine, reference, signal);
  if (present !== undefined) return present;
  onStep(`pulling ${reference}`);
  try {
    await pull(engine, reference, signal);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    throw baseImageError(reference, error);
  }
  const pulled = await inspectImage(engine, reference, signal);
  if (pulled !== undefined) return pulled;
  throw baseImageError(reference, new InfrastructureError('The container engine pulled it and does not have it.'));
};

const baseImageError = (reference: string, cause: InfrastructureError): InfrastructureError =>
  new InfrastructureError(
    `The base image ${reference} cannot be had. ${cause.message}\n` +
      'Pull it by hand where the registry asks for a login (docker pull). Where no registry can be reached,\n' +
      '`npm run base-image` makes one of Debian packages: then --base-image peft-matrix/base:3.11',
    { cause },
  );

/** How long a registry may say nothing, in milliseconds. */
const silenceMs = 120_000;

const pull = async (engine: Engine, reference: string, signal: AbortSignal): Promise<void> => {
  const begin = (abortSignal: AbortSignal): Promise<NodeJS.ReadableStream> => engine.pull(reference, { abortSignal });
  await followed(`pulling ${reference}`, silenceMs, signal, begin);
};
