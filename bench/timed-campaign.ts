import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { InfrastructureError } from '../matrices/errors.ts';
import { eventSchema, type CampaignEvent } from '../reports/events.ts';
import { cpuMsOf } from './process-memory.ts';

type StageName = 'start' | 'run' | 'shrink' | 'confirm';

interface Stage {
  /** Wall time, in milliseconds. */
  readonly ms: number;
  /** Cells that ended in it. */
  readonly cells: number;
}

export interface TimedCampaign {
  readonly planned: number;
  readonly failures: number;
  readonly stages: Readonly<Record<StageName, Stage>>;
  /** From the start of the process until the first cell may run, in milliseconds. */
  readonly startMs: number;
  /** From the start of the process to its end, in milliseconds. */
  readonly totalMs: number;
  /** CPU time that the harness itself used, without the probes, in milliseconds. */
  readonly harnessCpuMs: number;
}

const cli = join(import.meta.dirname, '../harness/cli.ts');

/** What a campaign may end with: as expected, failures that nobody has named, not everything covered. */
const sound = new Set([0, 1, 4]);

/** Runs `peft-matrix run` with these arguments and follows its events. */
export const timeCampaign = async (words: readonly string[]): Promise<TimedCampaign> => {
  const began = performance.now();
  const child = execa(process.execPath, [cli, 'run', ...words, '--json'], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
  });
  const clock = new StageClock(began);
  let harnessCpuMs = 0;
  for await (const line of createInterface(child.stdout)) {
    const event = eventSchema.parse(JSON.parse(line));
    clock.on(event);
    if (event.kind === 'campaign-finished') harnessCpuMs = cpuMsOf(child.pid ?? 0) ?? 0;
  }
  const { exitCode, stderr } = await child;
  if (exitCode === undefined || !sound.has(exitCode)) {
    throw new InfrastructureError(`The campaign ended with exit code ${exitCode}: ${stderr.slice(-2_000)}`);
  }
  return { ...clock.stop(), totalMs: performance.now() - began, harnessCpuMs };
};

/** Shares time and cells out among the stages. */
class StageClock {
  readonly #stages: Record<StageName, { ms: number; cells: number }> = {
    start: { ms: 0, cells: 0 },
    run: { ms: 0, cells: 0 },
    shrink: { ms: 0, cells: 0 },
    confirm: { ms: 0, cells: 0 },
  };
  #current: StageName = 'start';
  #since: number;
  #planned = 0;
  #failures = 0;

  constructor(began: number) {
    this.#since = began;
  }

  on(event: CampaignEvent): void {
    if (event.kind === 'planned') this.#planned = event.cells;
    if (event.kind === 'failure-shrunk') this.#failures += 1;
    if (event.kind === 'cell-finished') this.#stages[this.#current].cells += 1;
    // A campaign bisects nothing: nights do.
    if (event.kind === 'stage-started' && event.stage !== 'bisect') this.#enter(event.stage);
  }

  stop(): Pick<TimedCampaign, 'planned' | 'failures' | 'stages' | 'startMs'> {
    this.#enter('start');
    const { start } = this.#stages;
    return { planned: this.#planned, failures: this.#failures, stages: this.#stages, startMs: start.ms };
  }

  #enter(stage: StageName): void {
    const now = performance.now();
    this.#stages[this.#current].ms += now - this.#since;
    [this.#current, this.#since] = [stage, now];
  }
}
