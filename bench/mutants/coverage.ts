import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { canonicalConfig, type Config } from '../../matrices/config.ts';
import type { Mutant } from './mutant.ts';

const traceSchema = z.strictObject({
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  lines: z.record(z.string(), z.array(z.int())),
});

/** Which lines of PEFT each cell executes, on any of its ranks. */
export class Coverage {
  readonly #cells = new Map<string, Map<string, Set<number>>>();

  /** Reads what traced cells left in a folder. */
  static async read(folder: string): Promise<Coverage> {
    const coverage = new Coverage();
    for (const name of await readdir(folder)) {
      if (!name.startsWith('lines-')) continue;
      coverage.#add(traceSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))));
    }
    return coverage;
  }

  /** Whether a cell executes a line that the fault is on. */
  reaches(config: Config, { file, reached_by: runs }: Mutant): boolean {
    const lines = this.#cells.get(canonicalConfig(config))?.get(file);
    return (
      lines !== undefined && [...lines].some((line) => runs.some(([first, last]) => first <= line && line <= last))
    );
  }

  /** Of each file, what at least one cell executes. */
  lines(): Readonly<Record<string, readonly number[]>> {
    const all = new Map<string, Set<number>>();
    for (const cell of this.#cells.values()) {
      for (const [file, lines] of cell) all.set(file, (all.get(file) ?? new Set()).union(lines));
    }
    return Object.fromEntries([...all].map(([file, lines]) => [file, [...lines]]));
  }

  #add({ config, lines }: z.infer<typeof traceSchema>): void {
    const key = canonicalConfig(config);
    const cell = this.#cells.get(key) ?? new Map<string, Set<number>>();
    this.#cells.set(key, cell);
    for (const [file, numbers] of Object.entries(lines)) {
      cell.set(file, (cell.get(file) ?? new Set()).union(new Set(numbers)));
    }
  }
}
