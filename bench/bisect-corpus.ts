import { Command } from '@commander-js/extra-typings';
import { localExecutor } from '../containers/local/local-executor.ts';
import { print, resultsOption } from '../harness/commands/command.ts';
import { interruptible } from '../harness/interruption.ts';
import { Ledger } from '../harness/ledger.ts';
import { ResultsFolder } from '../harness/results-folder.ts';
import { startReporter } from '../harness/start-reporter.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { InputError } from '../matrices/errors.ts';
import { prepareBenchPin } from './bench-pin.ts';
import { bisectCase } from './bisects/bisect-case.ts';
import { casesOf, type Case } from './bisects/cases.ts';
import { describeBisects, type Bisected } from './bisects/describe-bisects.ts';
import { recordSighting } from './bisects/record-sighting.ts';
import { chosen, list } from './chosen.ts';
import { currentLoad, describeBench } from './describe-bench.ts';
import { writeParts } from './results-file.ts';
import { loadKnownBugs } from './score/known-bugs.ts';
import { loadSeen, recall } from './score/seen.ts';
import { loadSetting } from './score/setting.ts';
import { loadSigns } from './score/signs.ts';
import { runScript } from './run-script.ts';
import { say } from './say.ts';
import { renderSection } from './section.ts';

const flags = new Command('bisect-corpus')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'bisects every bug of the corpus that `npm run score` has found and shrunk, and holds the releases that it names against ' +
      'those of the corpus; goes on where it stopped; exit code 1 when fewer than 20 are right, or one is wrong',
  )
  .option('--entries <ids>', 'these entries of bench/corpus/known-bugs.yaml', list)
  .option(...resultsOption)
  .option('--write', 'write the section of bench/RESULTS.md')
  .parse()
  .opts();

/**
 * Of the releases of transformers that the corpus was had with, the first with which a bug shows is held: every release of PEFT
 * from 0.8 on can be imported with 4.57, and 0.16 and 0.17 with no later one.
 */
const heldTransformers = ['>=4.57,<4.58', '5.17.0'];

const main = async (): Promise<boolean> => {
  const load = currentLoad();
  const catalogue = await loadCatalogue();
  const bugs = await loadKnownBugs();
  const recognised = await loadSigns(bugs, catalogue);
  const seen = await loadSeen(recognised);
  const sightings = [...seen.values()].flatMap((each) => recall(each, recognised));
  const cases = chosen(
    casesOf(recognised, sightings),
    flags.entries,
    ({ bug }) => bug,
    'entry found by `npm run score`',
  );
  const { areas, path } = await loadSetting(catalogue);
  const [area] = areas;
  if (area === undefined) throw new InputError('bench/score/setting.yaml has no area');
  const results = new ResultsFolder(flags.results);
  await results.create();
  using ledger = new Ledger(results.ledger);
  using interruption = interruptible(() => say('interrupted: the cells that run are finished'));
  const reporter = startReporter({});
  const common = {
    catalogue,
    ledger,
    resultsPath: results.path,
    interruption,
    onEvent: (event: Parameters<typeof reporter.on>[0]) => reporter.on(event),
  };
  const bisectOne = async (each: Case): Promise<Bisected | undefined> => {
    for (const transformers of heldTransformers) {
      const record = await recordSighting(each, transformers, { ...common, matrixOf: area.matrixOf, matrixPath: path });
      if (record === undefined || record.pin.source.kind !== 'lock') continue;
      const { packages } = record.pin.source.lock;
      const sides = await bisectCase(each, record, packages, { ...common, executor: localExecutor(), replay: '' });
      for (const side of sides) {
        const said =
          side.agrees === undefined ? 'the corpus does not say' : side.agrees ? 'as the corpus' : 'the corpus differs';
        say(
          `${each.bug}: ${side.direction} ${side.found?.version ?? 'no release'} (${side.hiddenAt === undefined ? said : `hidden at ${side.hiddenAt}: ${said}`})`,
        );
      }
      const kind = bugs.find(({ id }) => id === each.bug)?.kind ?? 'exception';
      return {
        case: each,
        transformers: packages['transformers'] ?? transformers,
        phase: record.signature.phase,
        kind,
        sides,
      };
    }
    return undefined;
  };
  const bisected: Bisected[] = [];
  const absent: string[] = [];
  try {
    for (const each of cases) {
      say(`${each.bug}, seen on ${each.peft}`);
      const one = await bisectOne(each);
      if (one === undefined) absent.push(each.bug);
      else bisected.push(one);
    }
  } finally {
    reporter.close();
  }
  using bench = await prepareBenchPin();
  const section = describeBisects(bisected, absent);
  const text = renderSection(section, await describeBench('npm run bisect-corpus', bench.hello, load));
  print(text);
  if (flags.write === true) await writeParts(new Map([['bisect', text]]));
  return section.targets.every(({ met }) => met);
};

await runScript(main);
