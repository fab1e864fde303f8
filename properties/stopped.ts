import type { Frame, Stop } from '../containers/observation.ts';
import { libraryFrames } from './library-frames.ts';
import type { Judgement } from './property.ts';

/** The violation that a cell, or a part of its life, came to an end before its last phase was done. */
export const stopped = (stop: Stop): Judgement => {
  const { exception, message } = identityOf(stop);
  return { kind: 'violated', phase: stop.phase, exception, message, frames: framesOf(stop), detail: detailOf(stop) };
};

const identityOf = (stop: Stop): { readonly exception: string; readonly message: string } => {
  switch (stop.kind) {
    case 'exception':
      return { exception: stop.exception?.type ?? 'Exception', message: stop.exception?.message ?? '' };
    case 'timeout':
      return { exception: 'Timeout', message: 'the phase did not end' };
    case 'crash':
      return stop.signal === undefined
        ? { exception: `Exit(${stop.exitCode ?? 'unknown'})`, message: 'a rank process left without an answer' }
        : { exception: `Crash(${stop.signal})`, message: `a rank process was ended by ${stop.signal}` };
    case 'out-of-memory':
      return { exception: 'OutOfMemory', message: 'a rank process ran out of memory' };
    case 'garbage':
      return { exception: 'Garbage', message: 'the answer of a rank process could not be read' };
    case 'killed':
      // `judge.ts` calls such a cell broken before any property is asked.
      return { exception: 'Killed', message: 'a rank process was killed and nothing says why' };
    default:
      return stop.kind satisfies never;
  }
};

/** Where an exception was raised, where a rank crashed, or where it stood when its time was up. */
const framesOf = (stop: Stop): readonly string[] => {
  if (stop.exception !== undefined) return libraryFrames(stop.exception.frames);
  const stack = stop.stacks?.find(({ rank }) => rank === stop.rank);
  if (stack !== undefined) return libraryFrames(stack.frames);
  return stop.kind === 'crash' ? libraryFrames(framesOfFaultHandler(stop.output ?? '')) : [];
};

/**
 * Python's faulthandler names the frames of a crash, innermost first: `  File "/x/site-packages/torch/a.py", line 3 in f`.
 * Only the first thread it lists, the one that crashed.
 */
const framesOfFaultHandler = (output: string): readonly Frame[] => {
  const [, crashed = ''] = output.split(/^(?:Current thread|Stack) .*$/m);
  return [
    ...crashed
      .split(/^\s*$|^Thread /m, 1)
      .join('')
      .matchAll(/^ {2}File "([^"]+)", line (\d+) in (.+)$/gm),
  ]
    .map(([, file = '', line, name = '']) => ({
      file: file.replace(/^.*\/(?:site|dist)-packages\//, ''),
      function: name,
      line: Number(line),
    }))
    .toReversed();
};

const detailOf = (stop: Stop): string => {
  const said = [stop.kind === 'exception' ? '' : identityOf(stop).message, stop.exception?.message ?? ''];
  const what = `rank ${stop.rank}, phase ${stop.phase}: ${said.filter((text) => text !== '').join(': ')}`;
  // An exception speaks for itself; what was printed is what libraries said, and what the exception came from.
  return stop.exception === undefined ? `${what}${tail(stop.output ?? '')}` : what;
};

const tail = (output: string): string => {
  const text = output.trim();
  return text === '' ? '' : `\nits last output:\n${text.slice(-800)}`;
};
