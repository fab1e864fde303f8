import { releasesOf } from '../../containers/local/package-index.ts';
import type { Telling } from '../../containers/telling.ts';
import type { Catalogue } from '../../matrices/catalogue.ts';
import type { ReleasesOf } from '../../matrices/expand-pins.ts';
import { minimalForm } from '../../matrices/normalise.ts';
import type { Lock, PinSource, SourceTree } from '../../matrices/pin.ts';
import { allProperties } from '../../properties/all.ts';
import type { Bisect } from '../../reports/bisect-model.ts';
import type { OnEvent } from '../../reports/events.ts';
import type { ReadyPin } from '../cell.ts';
import { checkpointsIn } from '../checkpoints.ts';
import type { FailureRecord } from '../failure-record.ts';
import { openLaboratory, type OpenLaboratory } from '../open-laboratory.ts';
import { readyPin } from '../ready-pins.ts';
import { ResultsFolder } from '../results-folder.ts';
import type { RunOptions } from '../run-options.ts';
import { subjectOf } from '../subject.ts';
import { questionOf, type Question } from './ask-pin.ts';
import { BisectStore } from './bisect-store.ts';
import { keptLocks, type Locks } from './keep-locks.ts';
import { nameCommits, type CommitsPlan } from './name-commits.ts';
import { commitVersion, runBisect, type BisectPlan } from './run-bisect.ts';
import { openWorld } from './world.ts';

export interface BisectOptions extends RunOptions {
  /** How many candidates are asked at once. @defaultValue as many cells as the executor runs at once */
  readonly workers?: number;
  /** To ask the commits between the two releases of each culprit, too. */
  readonly commits?: CommitsPlan;
  /** Where another failure hides it, it counts as not there: which package changed what fails? */
  readonly maskedAsGood?: true;
  /** The command that asks again. */
  readonly replay: string;
  /** @defaultValue the package index */
  readonly releasesOf?: ReleasesOf;
  /** @defaultValue uv's resolver, with what it says kept in the results */
  readonly locks?: Locks;
}

/**
 * Bisects a failure and keeps what was found in the results. Every answer is in the ledger as soon as it is there, so one
 * that was interrupted goes on where it was, and comes to the same answer.
 *
 * @throws InputError when an end is not what it is said to be, or a version is not there.
 */
export const bisectFailure = async (
  record: FailureRecord,
  plan: BisectPlan,
  options: BisectOptions,
): Promise<Bisect> => {
  const { catalogue, executor, ledger, resultsPath, interruption, onEvent } = options;
  const { stop, abort } = interruption;
  const startedAt = new Date().toISOString();
  const store = new BisectStore(resultsPath);
  const checkpoints = checkpointsIn(new ResultsFolder(resultsPath).checkpoints);
  await using open = openLaboratory({ catalogue, executor, ledger, checkpoints, onEvent, stop, abort });
  const telling = tellingOf(onEvent);
  const question = await questionFor(record, open, options);
  const world = openWorld({
    question,
    open,
    ledger,
    onEvent,
    stop,
    locks: options.locks ?? keptLocks(resultsPath, telling, stop),
    releasesOf: options.releasesOf ?? ((name) => releasesOf(name, telling, stop)),
    workers: options.workers ?? executor.parallel,
  });
  const bisected = await runBisect(plan, record.id, world, store);
  const asking = { question, open, ledger, onEvent, telling, signal: stop, workers: world.workers };
  const commits = options.commits ?? (plan.kind === 'tree' ? repositoryOf(plan.tree) : undefined);
  const named = commits === undefined ? undefined : await nameCommits(bisected, commits, asking);
  const bisect: Bisect = {
    version: 1,
    failure: describeFailure(record, plan, catalogue),
    executor: executor.kind,
    device: record.pin.device,
    ...(plan.kind === 'locks' && plan.campaigns !== undefined ? { campaigns: plan.campaigns } : {}),
    ...(options.maskedAsGood === undefined ? {} : { maskedAsGood: options.maskedAsGood }),
    ...bisected,
    culprits: bisected.culprits.map(({ culprit }) => culprit),
    ...named,
    replay: options.replay,
    startedAt,
    finishedAt: new Date().toISOString(),
    ran: open.ran(),
  };
  await store.publish(bisect, { plan, commits: options.commits, maskedAsGood: options.maskedAsGood });
  return bisect;
};

const tellingOf = (onEvent: OnEvent): Telling => ({
  onStep: () => {},
  onWarning: (message) => onEvent({ kind: 'warning', message }),
});

/** The question of a failure, with the release that its numbers were compared with, where its property compares with one. */
const questionFor = async (
  { config, signature, pin, baseline }: FailureRecord,
  { pool }: OpenLaboratory,
  { catalogue, ledger, onEvent, maskedAsGood }: BisectOptions,
): Promise<Question> => {
  const question = questionOf(config, signature, { maskedAsGood });
  const property = allProperties.find(({ id }) => id === signature.property);
  if (baseline === undefined || property?.references === undefined || signature.phase === 'import') return question;
  const found = await readyPin(pin, pool, ledger, onEvent);
  if (found.kind !== 'ready' || !comparesReleases(property, catalogue, config, found.ready)) return question;
  const other = await readyPin(baseline, pool, ledger, onEvent);
  return other.kind === 'ready' ? { ...question, baseline: other.ready } : question;
};

const comparesReleases = (
  { references }: (typeof allProperties)[number],
  catalogue: Catalogue,
  config: FailureRecord['config'],
  { hello }: ReadyPin,
): boolean =>
  Object.values(references?.(subjectOf(catalogue, config, hello.versions)) ?? {}).some(
    ({ pin, reads }) => pin === 'baseline' || reads === 'baseline',
  );

const describeFailure = (
  { id, config, signature: { property, phase, exception, message }, pin: { source } }: FailureRecord,
  plan: BisectPlan,
  catalogue: Catalogue,
): Bisect['failure'] => ({
  id,
  property,
  phase,
  exception,
  message,
  minimal: phase === 'import' ? {} : minimalForm(catalogue.axes, config),
  versions: { ...versionsOf(source.kind === 'interpreter' ? groundOf(plan) : source.lock), ...versionOfTree(source) },
});

const versionOfTree = (source: PinSource): Readonly<Record<string, string>> => {
  if (source.kind !== 'tree' || source.commit === undefined) return {};
  const { package: name, lock, commit } = source;
  return { [name]: commitVersion(lock.packages[name] ?? '0', commit) };
};

/** What the end that shows the failure stands on. */
const groundOf = (plan: BisectPlan): Lock => {
  switch (plan.kind) {
    case 'releases':
      return plan.base;
    case 'locks':
      return plan.bad;
    case 'tree':
      return plan.tree.lock;
  }
};

const repositoryOf = ({ git }: SourceTree): CommitsPlan => (git === undefined ? {} : { repository: git });

/** What people choose. */
const versionsOf = ({ python, packages }: Lock): Readonly<Record<string, string>> => {
  const named = ['torch', 'transformers', 'accelerate', 'peft', 'numpy'].flatMap((name) => {
    const version = packages[name];
    return version === undefined ? [] : [[name, version] as const];
  });
  return { python, ...Object.fromEntries(named) };
};
