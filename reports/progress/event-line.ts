import type { CampaignEvent } from '../events.ts';
import { formatSeconds } from '../text/duration.ts';
import { countOf } from '../text/count.ts';
import { oneLine } from '../text/safe-text.ts';
import { showConfig } from '../text/show-config.ts';
import type { Paint } from '../terminal/paint.ts';

/** How much a line matters: `alert` is shown in every mode, `cell` only when asked for. */
export interface EventLine {
  readonly level: 'alert' | 'step' | 'cell';
  readonly text: string;
}

/** The line that tells an event to people, or undefined when it has none of its own. */
export const eventLine = (event: CampaignEvent, paint: Paint): EventLine | undefined => {
  switch (event.kind) {
    case 'campaign-started':
      return step(
        `campaign ${oneLine(event.campaign, 80)} runs ${oneLine(event.matrix, 200)} on ${countOf(event.pins.length, 'pin')}`,
      );
    case 'pin-step':
      return step(`${oneLine(event.pin, 80)}: ${oneLine(event.step, 200)}`);
    case 'pin-ready':
      return step(`${oneLine(event.pin, 80)}: ready (${showVersions(event.versions)})`);
    case 'pin-broken':
      return alert(`${paint('odd', 'BROKEN')} ${oneLine(event.pin, 80)}: ${oneLine(event.reason, 300)}`);
    case 'pin-skipped':
      return alert(`skipped ${oneLine(event.pin, 80)}: ${oneLine(event.reason, 300)}`);
    case 'planned':
      return step(`plan: ${countOf(event.cells, 'cell')}, ${event.known} of them in the ledger already`);
    case 'cell-finished': {
      const style = event.verdict === 'fail' ? 'bad' : event.verdict === 'pass' ? 'good' : 'faint';
      const verdict = paint(style, event.verdict.padEnd(11));
      return {
        level: 'cell',
        text: `${verdict} ${formatSeconds(event.ms)}  ${oneLine(event.pin, 80)}  ${showConfig(event.config)}`,
      };
    }
    case 'failure-found': {
      const mark = event.known === undefined ? paint('bad', 'FAIL') : paint('known', 'KNOWN');
      return alert(`${mark} ${oneLine(event.message, 300)}`);
    }
    case 'failure-shrunk': {
      const mark = event.known === undefined ? '' : ` (known as ${oneLine(event.known, 80)})`;
      return step(`shrunk ${oneLine(event.id, 16)} to ${showConfig(event.minimal)}${mark}`);
    }
    case 'bisect-answered': {
      const style = event.answer === 'bad' ? 'bad' : event.answer === 'good' ? 'good' : 'odd';
      const why = event.reason === undefined ? '' : ` (${oneLine(event.reason, 200)})`;
      return step(`${paint(style, event.answer.padEnd(4))} ${oneLine(event.candidate, 200)}${why}`);
    }
    case 'failure-bisected':
      return step(`bisected ${oneLine(event.id, 16)}: ${oneLine(event.answer, 400)}`);
    case 'warning':
      return alert(`${paint('known', 'warning:')} ${oneLine(event.message, 400)}`);
    case 'interrupted':
      return alert(
        event.unplanned === true
          ? 'interrupted before anything was planned: there is no report'
          : 'interrupted: finishing the running cells, then the report (once more to stop at once)',
      );
    case 'campaign-finished':
      return step(`report: ${oneLine(event.report, 400)}`);
    case 'shard-finished':
    case 'stage-started':
    case 'cell-started':
      break;
  }
  return undefined;
};

const step = (text: string): EventLine => ({ level: 'step', text });
const alert = (text: string): EventLine => ({ level: 'alert', text });

const showVersions = (versions: Readonly<Record<string, string>>): string =>
  oneLine(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    300,
  );
