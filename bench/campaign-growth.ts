import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Matrix } from '../matrices/matrix.ts';
import { quickMatrix, type BenchPin } from './bench-pin.ts';
import { markdownTable, inSeconds, type Section } from './section.ts';
import { say } from './say.ts';
import { timeCampaign, type TimedCampaign } from './timed-campaign.ts';

/** Cells of a campaign, and the strength whose covering part fits into so many on one pin. */
export interface CampaignSize {
  readonly cells: number;
  readonly strength: 1 | 2 | 3;
}

const defaultSizes: readonly CampaignSize[] = [
  { cells: 50, strength: 1 },
  { cells: 200, strength: 2 },
  { cells: 800, strength: 3 },
];

/** How a campaign's time grows with its cells, and what running it again costs. */
export const measureCampaigns = async (
  { matrix, pin }: BenchPin,
  sizes: readonly CampaignSize[] = defaultSizes,
): Promise<Section> => {
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-bench-'));
  try {
    const file = await writeMatrix(folder, matrix, pin.id);
    const rows: (readonly string[])[] = [];
    for (const { cells, strength } of sizes) {
      const results = join(folder, `results-${cells}`);
      const words = [file, '--cells', String(cells), '--strength', String(strength), '--minutes', '60'];
      say(`campaign: ${cells} cells`);
      const first = await timeCampaign([...words, '--results', results]);
      say(`campaign: ${cells} cells, again`);
      rows.push(rowOf(first, await timeCampaign([...words, '--results', results])));
    }
    return {
      title: 'Campaigns',
      text: [
        'One pin, the axes of `matrices/quick.yaml`, a fresh ledger each, strength 1, 2 and 3; times in seconds, with the',
        'number of cells that were run. Start: the matrix, the probe and the plan. Harness: CPU time of the harness itself,',
        'for each cell that it ran. Again: the same command once more, which runs no cell.',
      ].join('\n'),
      table: markdownTable(titles, rows),
      targets: [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const titles = ['planned', 'start', 'run', 's a cell', 'shrink', 'confirm', 'failures', 'total', 'harness', 'again'];

const rowOf = (first: TimedCampaign, again: TimedCampaign): readonly string[] => {
  const { run, shrink, confirm } = first.stages;
  const ran = run.cells + shrink.cells + confirm.cells;
  return [
    `${first.planned} cells`,
    inSeconds(first.startMs),
    `${inSeconds(run.ms)} (${run.cells})`,
    inSeconds(run.ms / run.cells),
    `${inSeconds(shrink.ms)} (${shrink.cells})`,
    `${inSeconds(confirm.ms)} (${confirm.cells})`,
    String(first.failures),
    inSeconds(first.totalMs),
    `${(first.harnessCpuMs / ran).toFixed(1)} ms`,
    `${inSeconds(again.totalMs)} (${again.stages.run.cells + again.stages.shrink.cells + again.stages.confirm.cells})`,
  ];
};

/** The matrix as a file of its own (JSON is YAML), with the committed lock beside it. */
const writeMatrix = async (folder: string, matrix: Matrix, pinId: string): Promise<string> => {
  const name = 'growth';
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify({ version: 1, ...matrix, name }, withoutPlace));
  const locks = join(folder, 'locks', name);
  await mkdir(locks, { recursive: true });
  const committed = join(dirname(quickMatrix), 'locks', matrix.name, `${pinId}.json`);
  await copyFile(committed, join(locks, `${pinId}.json`));
  return file;
};

/** Where a pin was written is no part of what was written. */
const withoutPlace = (key: string, value: unknown): unknown => (key === 'place' ? undefined : value);
