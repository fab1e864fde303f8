import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { execa } from 'execa';
import { print, resultsOption } from '../harness/commands/command.ts';
import { readReport } from '../harness/read-report.ts';
import { ResultsFolder } from '../harness/results-folder.ts';
import { parseNight } from '../reports/night/night-model.ts';
import { list } from './chosen.ts';
import { currentLoad, describeMachine } from './describe-bench.ts';
import { writeParts } from './results-file.ts';
import { runScript } from './run-script.ts';
import { say } from './say.ts';
import { renderSection } from './section.ts';
import { describeWeek, type NightOfWeek } from './week/describe-week.ts';

/** The day before PEFT 0.18.0, and the days of all releases from there to 0.21.2. */
const releaseDays = [
  '2025-11-12',
  '2025-11-13',
  '2026-01-09',
  '2026-04-14',
  '2026-04-16',
  '2026-07-28',
  '2026-09-15',
  '2026-09-29',
  '2026-10-01',
];

const cli = join(import.meta.dirname, '../harness/cli.ts');

const flags = new Command('week')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'a week of nights, each as of the day of a release of PEFT, with the packages of that day; goes on where it stopped; ' +
      'exit code 1 when something broke without being told, was told twice, or has no culprit',
  )
  .option('--days <days>', 'days of the nights, in order', list, releaseDays)
  .option('--matrix <file>', 'which', join(import.meta.dirname, '../matrices/week.yaml'))
  .option('--minutes <number>', 'of each night (default: those of the matrix)')
  .option(...resultsOption)
  .option('--write', 'write the section of bench/RESULTS.md')
  .parse()
  .opts();

/** One night by the command that people use. */
const oneNight = async (day: string): Promise<NightOfWeek> => {
  say(`the night of ${day}`);
  const began = performance.now();
  const minutes = flags.minutes === undefined ? [] : ['--minutes', flags.minutes];
  const words = [
    'nightly',
    flags.matrix,
    '--as-of',
    day,
    '--rounds',
    '1',
    ...minutes,
    '--results',
    flags.results,
    '--json',
  ];
  const { stdout } = await execa(process.execPath, [cli, ...words], { reject: false, stderr: 'inherit' });
  const ms = performance.now() - began;
  const night = parseNight(stdout);
  const [campaign] = night.campaigns;
  return { night, report: await readReport(new ResultsFolder(flags.results), campaign), ms };
};

const main = async (): Promise<boolean> => {
  const load = currentLoad();
  const nights: NightOfWeek[] = [];
  for (const day of flags.days) nights.push(await oneNight(day));
  const section = describeWeek(nights);
  const text = renderSection(section, await describeMachine('npm run week', load));
  print(text);
  if (flags.write === true) await writeParts(new Map([['week', text]]));
  return section.targets.every(({ met }) => met);
};

await runScript(main);
