import type { Failure } from '../report-model.ts';
import { manyLines, oneLine } from '../text/safe-text.ts';
import { showConfig, showMinimal } from '../text/show-config.ts';
import { failureBlock } from './failure-block.ts';
import { paintWith } from './paint.ts';
import type { TerminalOptions } from './render-terminal.ts';

/** One failure with all that is known of it: the block of the report, the whole config, frames and message. */
export const renderFailure = (failure: Failure, { colour, width }: TerminalOptions): string => {
  const paint = paintWith(colour);
  return [
    ...failureBlock(failure, Math.max(40, width), paint),
    '',
    paint('faint', 'every value of the minimal config'),
    `  ${failure.phase === 'import' ? showMinimal(failure) : showConfig(failure.config)}`,
    ...(failure.frames.length > 0 ? [paint('faint', 'innermost library frames')] : []),
    ...failure.frames.map((frame) => `  ${oneLine(frame, 200)}`),
    paint('faint', 'message'),
    ...manyLines(failure.detail, 60, 400).map((line) => `  ${line}`),
    '',
  ].join('\n');
};
