import { showConfig } from '../../reports/text/show-config.ts';
import { oneLine } from '../../reports/text/safe-text.ts';
import { changeOf } from './survivors.ts';
import type { Fate } from './try-mutant.ts';

/** What became of a mutant, for people who watch. */
export const fateLine = (fate: Fate): string => {
  const { mutant, kill, killAlone, cells, reaching, ms, broken } = fate;
  const seconds = `${(ms / 1000).toFixed(1)} s, ${cells} cells, ${reaching} runs reach it`;
  const head = `${mutant.id} line ${mutant.line}: ${changeOf(mutant)} (${seconds})`;
  const parts = [
    kill === undefined
      ? '  SURVIVED'
      : `  killed by ${kill.property}/${kill.phase}: ${kill.message} (${showConfig(kill.config ?? {})})`,
    ...(killAlone === undefined || killAlone === kill
      ? []
      : [`  without the release before: by ${killAlone.property} after ${killAlone.cells} cells`]),
    ...broken.map((reason) => `  broken: ${reason}`),
  ];
  return [head, ...parts].map(oneLine).join('\n');
};
