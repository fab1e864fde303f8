import * as z from 'zod';
import { InfrastructureError } from '../../../matrices/errors.ts';
import { refusal } from './ask-engine.ts';

/**
 * Work of the engine that takes as long as it takes, as long as it tells of it: pulling, importing.
 *
 * @param silenceMs - How long it may say nothing.
 * @param begin - Gives what the engine tells, as lines of JSON.
 * @throws InfrastructureError with what the engine told, which answers 200 and tells of errors later; the signal's reason.
 */
export const followed = async (
  what: string,
  silenceMs: number,
  signal: AbortSignal,
  begin: (signal: AbortSignal) => Promise<NodeJS.ReadableStream>,
): Promise<void> => {
  signal.throwIfAborted();
  const over = new AbortController();
  const silence = setTimeout(() => over.abort(), silenceMs);
  try {
    await readProgress(await begin(AbortSignal.any([signal, over.signal])), what, () => silence.refresh());
  } catch (error) {
    signal.throwIfAborted();
    if (!over.signal.aborted) throw error instanceof InfrastructureError ? error : refusal(what, error);
    throw new InfrastructureError(`The container engine said nothing for ${silenceMs / 1000} s: ${what}`, {
      cause: error,
    });
  } finally {
    clearTimeout(silence);
  }
};

const progressSchema = z.object({ error: z.string().optional() });

const readProgress = async (stream: NodeJS.ReadableStream, what: string, onSign: () => void): Promise<void> => {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    onSign();
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.trim() !== '')) {
      const { error } = progressSchema.parse(JSON.parse(line));
      if (error !== undefined) throw refusal(what, new Error(error));
    }
  }
};
