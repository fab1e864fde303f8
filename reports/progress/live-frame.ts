import { paintWith } from '../terminal/paint.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { countOf } from '../text/count.ts';
import { formatClock } from '../text/duration.ts';
import { oneLine } from '../text/safe-text.ts';
import { showConfig } from '../text/show-config.ts';
import { cutToWidth } from '../text/text-width.ts';
import type { Progress, Stage } from './progress.ts';
import { stageCount, stageTitles, timeLeftText, verdictCounts } from './progress-text.ts';

export interface FrameOptions {
  /** Columns of the terminal; every line stays below. */
  readonly columns: number;
  /** Rows of the terminal; the block and the cursor's line below it fit in. */
  readonly rows: number;
  readonly colour: boolean;
  readonly now: number;
}

/** A line of the block: pieces with their meaning, not painted yet, so that it can be cut first. */
type Line = readonly (readonly [Style, string])[];

/** The live block as lines: what is going on, how far it is, what came of it, how long it will take. */
export const liveFrame = (progress: Progress, { columns, rows, colour, now }: FrameOptions): readonly string[] => {
  const paint = paintWith(colour);
  const width = Math.max(1, columns - 1);
  return [
    ...headline(progress, now),
    ...pinLines(progress, now),
    ...stageLines(progress, now),
    ...runningLines(progress, now),
  ]
    .slice(0, Math.max(1, rows - 2))
    .map((line) => paintLine(line, width, paint));
};

const headline = (progress: Progress, now: number): readonly Line[] => [
  [
    ['strong', progress.matrix === '' ? 'starting' : oneLine(progress.matrix, 80)],
    ['plain', `  ${formatClock(now - progress.startedAt)}`],
    ...(progress.reused > 0 ? [['faint', `  ${countOf(progress.reused, 'cell')} from the ledger`] as const] : []),
    ...(progress.interrupted ? [['odd', '  stopping after the running cells'] as const] : []),
  ],
];

const shownPins = 4;

const pinLines = ({ pins }: Progress, now: number): readonly Line[] => {
  if (pins.size === 0) return [];
  const states = [...pins.values()];
  const ready = states.filter(({ state }) => state === 'ready').length;
  const others = (['broken', 'skipped'] as const)
    .map((kind) => ({ kind, count: states.filter(({ state }) => state === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `, ${count} ${kind}`);
  const working = [...pins].filter(([, { state }]) => state === 'working');
  const sum = `${ready} of ${countOf(pins.size, 'pin')} ready${others.join('')}`;
  return [
    [
      ['faint', field('pins')],
      ['plain', sum],
    ],
    ...working.slice(0, shownPins).map(([pin, { step, since }]): Line => [
      ['plain', `${field('')}${oneLine(pin, 80)}`],
      ['faint', `  ${oneLine(step, 200)} (${formatClock(now - since)})`],
    ]),
    ...more(working.length - shownPins),
  ];
};

const stageLines = (progress: Progress, now: number): readonly Line[] => {
  const { stage, failures } = progress;
  if (stage === undefined) return [];
  const left = timeLeftText(stage, now);
  const known = failures.filter((failure) => failure.known !== undefined).length;
  return [
    [
      ['faint', field(stageTitles[stage.name])],
      ...bar(stage),
      ['plain', stageCount(stage)],
      ['faint', left === '' ? '' : `  ${left}`],
    ],
    [
      ['faint', field('so far')],
      ['plain', verdictCounts(progress)],
      [
        failures.length > known ? 'bad' : 'faint',
        failures.length === 0 ? '' : `  ${countOf(failures.length, 'failure')}${known > 0 ? ` (${known} known)` : ''}`,
      ],
    ],
  ];
};

const shownCells = 4;

const runningLines = ({ running }: Progress, now: number): readonly Line[] => [
  ...running.slice(0, shownCells).map(({ pin, config, since }, index): Line => [
    ['faint', field(index === 0 ? 'now' : '')],
    ['plain', `${formatClock(now - since)}  ${oneLine(pin, 80)}  `],
    ['faint', showConfig(config)],
  ]),
  ...more(running.length - shownCells),
];

const more = (count: number): readonly Line[] => (count > 0 ? [[['faint', `${field('')}and ${count} more`]]] : []);

const field = (name: string): string => `  ${name.padEnd(12)}`;

const barWidth = 20;

const bar = ({ done, total }: Stage): Line => {
  if (total === undefined || total === 0) return [];
  const full = Math.min(barWidth, Math.floor((done / total) * barWidth));
  return [
    ['good', '█'.repeat(full)],
    ['faint', '░'.repeat(barWidth - full)],
    ['plain', '  '],
  ];
};

/** Cuts first and paints then, so that no sequence is cut in two. */
const paintLine = (line: Line, width: number, paint: Paint): string => {
  const cut = cutToWidth(line.map(([, text]) => text).join(''), width);
  let position = 0;
  return line
    .map(([style, text]) => {
      const piece = cut.slice(position, position + text.length);
      position += text.length;
      return paint(style, piece);
    })
    .join('');
};
