import { formatConfig } from '../../matrices/config.ts';
import type { FailureChange } from '../../reports/diff/diff-model.ts';
import { culpritsOf, pinNews } from '../../reports/night/night-lines.ts';
import type { Night, StandingFailure } from '../../reports/night/night-model.ts';
import { newsOf, wasBrought } from '../../reports/night/night-news.ts';
import type { Report } from '../../reports/report-model.ts';
import { oneLine } from '../../reports/text/safe-text.ts';
import { inSeconds, type Section } from '../section.ts';

/** A night, the report of its matrix, and how long it took. */
export interface NightOfWeek {
  readonly night: Night;
  readonly report: Report;
  readonly ms: number;
}

/**
 * The part of `RESULTS.md` on a week of nights. What came and went on the newest PEFT is read off the reports of two nights, and
 * held against what the night told.
 */
export const describeWeek = (nights: readonly NightOfWeek[]): Section => {
  const untold = nights.flatMap((tonight, index) => {
    const before = nights[index - 1];
    return before === undefined ? [] : untoldOf(before, tonight);
  });
  const repeated = toldTwice(nights);
  const broke = nights.slice(1).flatMap(({ night }) => newsOf(night).broke.map((change) => ({ night, change })));
  const owed = broke.filter(({ change }) => wasBrought(change));
  const answered = owed.filter(({ night, change }) => culpritsAt(night, change).length > 0);
  const astray = answered.filter(({ night, change }) => !movedThatNight(night, change));
  return {
    title: 'A week of nights, on real releases',
    text: [
      'Each night has the packages of its day, from PEFT to torch. `broke`: cells that passed, or were not offered, the night before, on the same pin or on that of the release before; `found`: in cells that nobody had asked; `mended`: cells that showed it pass, or are not offered any more. What had not been offered (**new**) came with what offers it, and what has become another failure went: neither has a culprit. In brackets the known issue that names it.',
      ...untold.map((line) => `- not told: ${line}`),
      ...repeated.map((line) => `- told twice: ${line}`),
      ...astray.map(({ night, change }) => `- ${night.day}: ${lineOf(change)}: its culprit did not move that night`),
    ].join('\n'),
    table: nights.map(blockOf).join('\n\n'),
    targets: [
      target('failures that came to the newest PEFT, or went, and were not told that night', untold.length),
      target('told as broken on a pin where they were told before, and not mended since', repeated.length),
      {
        what: 'of those that something brought, with a culprit',
        got: `${answered.length} of ${owed.length}`,
        want: 'all',
        met: answered.length === owed.length,
      },
      target('culprits among packages that did not move that night', astray.length),
    ],
  };
};

const target = (what: string, got: number): Section['targets'][number] => ({
  what,
  got: String(got),
  want: 'none',
  met: got === 0,
});

/** What stands on the newest PEFT, by signature: one line each. */
const onHead = ({ night, report }: NightOfWeek): ReadonlyMap<string, string> => {
  const heads = new Set(night.pins.filter(({ isHead }) => isHead).map(({ id }) => id));
  const shown = report.failures.filter(({ pins, cells }) => cells > 0 && pins.some((pin) => heads.has(pin)));
  return new Map(shown.map((failure) => [failure.signature, lineOf(failure)]));
};

const untoldOf = (before: NightOfWeek, tonight: NightOfWeek): readonly string[] => {
  const [was, is] = [onHead(before), onHead(tonight)];
  const { broke, found, mended } = newsOf(tonight.night);
  const came = new Set([...broke, ...found.map(({ failure }) => failure)].map(({ signature }) => signature));
  const signatureOf = new Map(before.report.failures.map(({ id, signature }) => [id, signature]));
  const became = broke.filter(({ change }) => change === 'changed');
  const went = new Set([
    ...[...mended, ...became].map(({ signature }) => signature),
    ...became.flatMap((change) => (change.was ?? []).map((id) => signatureOf.get(id))),
  ]);
  const day = tonight.night.day;
  return [
    ...[...is].flatMap(([id, line]) => (was.has(id) || came.has(id) ? [] : [`${day}, came: ${line}`])),
    ...[...was].flatMap(([id, line]) => (is.has(id) || went.has(id) ? [] : [`${day}, went: ${line}`])),
  ];
};

const toldTwice = (nights: readonly NightOfWeek[]): readonly string[] => {
  const told = new Map<string, string>();
  return nights.slice(1).flatMap(({ night }) => {
    const { broke, mended } = newsOf(night);
    for (const { signature, pins } of mended) for (const pin of pins) told.delete(`${signature} ${pin}`);
    return broke.flatMap((change) =>
      change.pins.flatMap((pin) => {
        const key = `${change.signature} ${pin}`;
        const before = told.get(key);
        told.set(key, night.day);
        return before === undefined ? [] : [`${before} and ${night.day}, ${pin}: ${lineOf(change)}`];
      }),
    );
  });
};

const standingOf = (night: Night, { failure }: FailureChange): StandingFailure | undefined =>
  night.failures.find((standing) => standing.failure.id === failure);

const culpritsAt = (night: Night, change: FailureChange): readonly { readonly package: string }[] =>
  standingOf(night, change)?.bisect?.culprits ?? [];

const movedThatNight = (night: Night, change: FailureChange): boolean => {
  const moved = night.pins.filter(({ id }) => change.pins.includes(id)).flatMap((pin) => pin.moved);
  return culpritsAt(night, change).every((culprit) => moved.some((move) => move.package === culprit.package));
};

const blockOf = ({ night, ms }: NightOfWeek): string => {
  const { broke, found, mended } = newsOf(night);
  const culprits = culpritsOf(night);
  const lines = [
    ...broke.map((change) => [
      `**${change.change}**`,
      lineOf(change),
      onPins(change.pins),
      culprits.get(change.failure) ?? '',
    ]),
    ...mended.map((change) => [change.change, lineOf(change), onPins(change.pins)]),
  ].map((words) => `- ${words.filter((word) => word !== '').join('; ')}`);
  const pins = night.pins.map(pinNews).filter((line) => line !== '');
  return [
    `### ${night.day}`,
    [
      night.suspect === undefined ? '' : `Suspect: ${night.suspect}. `,
      `${broke.length} broke, ${found.length} found, ${mended.length} mended, ${night.failures.length} stand; `,
      `${inSeconds(ms)} s.`,
    ].join(''),
    pins.map((line) => `- ${line}`).join('\n'),
    lines.join('\n'),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
};

const onPins = (pins: readonly string[]): string => `on ${pins.join(', ')}`;

type Told = Pick<FailureChange, 'property' | 'phase' | 'exception' | 'message' | 'minimal'> & {
  readonly known?: string | { readonly id: string } | undefined;
};

const lineOf = ({ property, phase, exception, message, minimal, known }: Told): string => {
  const id = typeof known === 'string' ? known : known?.id;
  const config = Object.keys(minimal).length === 0 ? 'any' : formatConfig(minimal);
  return `\`${config}\`: ${property}/${phase}, ${exception}: ${oneLine(message, 120)}${id === undefined ? '' : ` [${id}]`}`;
};
