import { Command } from '@commander-js/extra-typings';
import { PeftMatrixError } from '../../../matrices/errors.ts';
import { connectEngine } from '../engine.ts';
import { makeBaseImage } from './make-base-image.ts';

/** `npm run base-image [-- --python 3.11]`: a base image for machines that reach no registry. */
const { python, tag, verbose } = new Command('base-image')
  .description('Makes a base image of Debian packages with debootstrap, for machines that reach no registry of images.')
  .option('--python <version>', '3.11 or 3.13', '3.11')
  .option('--tag <name>', 'name of the image (default peft-matrix/base:<version>)')
  .option('-v, --verbose', 'what debootstrap says')
  .parse()
  .opts();

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));

try {
  const options = { python, ...(tag === undefined ? {} : { tag }), onStep: say, onLine: verbose ? say : () => {} };
  const made = await makeBaseImage(await connectEngine(), options, interruption.signal);
  say(`Made ${made}. Use it with --base-image ${made}`);
} catch (error) {
  if (!(error instanceof PeftMatrixError) && !interruption.signal.aborted) throw error;
  say(`base-image: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = interruption.signal.aborted ? 130 : error instanceof PeftMatrixError ? error.exitCode : 3;
}
