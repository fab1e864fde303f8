import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import * as z from 'zod';
import { makeFolder } from '../../containers/local/make-folder.ts';
import { observationSchema } from '../../containers/observation.ts';
import { splitLines } from '../../containers/split-lines.ts';
import { InputError } from '../../matrices/errors.ts';
import { orExplain, temporaryName } from '../write-atomically.ts';
import { ledgerRowSchema, type LedgerRow } from './ledger-rows.ts';

/** Raise when older code would misread the rows. */
const formatVersion = 1;

/** First line of a file, and the last: how many rows stand between them, and the SHA-256 of all lines before it. */
const headSchema = z.looseObject({ format: z.literal('peft-matrix ledger'), version: z.int() });
const footSchema = z.strictObject({ end: z.literal(true), rows: z.int(), digest: z.string() });

/** Far above any observation: who sends more is no ledger. */
const longestLine = 50_000_000;

/** Writes rows into a file: JSON lines, compressed with gzip. It appears when it is whole. Returns how many there are. */
export const writeExport = async (path: string, rows: Iterable<LedgerRow>): Promise<number> => {
  let count = 0;
  const lines = function* (): Generator<string> {
    const hash = createHash('sha256');
    const told = (line: string): string => {
      hash.update(line);
      return line;
    };
    yield told(`${JSON.stringify({ format: 'peft-matrix ledger', version: formatVersion })}\n`);
    for (const row of rows) {
      count += 1;
      yield told(`${JSON.stringify(row)}\n`);
    }
    yield `${JSON.stringify({ end: true, rows: count, digest: hash.digest('hex') })}\n`;
  };
  const temporary = temporaryName(path);
  await orExplain(
    path,
    async () => {
      await makeFolder(dirname(path));
      try {
        // A quarter of the time of the usual level, for a tenth more bytes.
        await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(temporary));
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    'choose another file',
  );
  return count;
};

/**
 * Reads such a file to its end without keeping anything of it.
 *
 * @throws {InputError} When it is none, of a newer version, cut off or changed.
 */
export const verifyExport = (path: string): Promise<void> => readExport(path, () => {});

/**
 * Calls `onRow` with every row of a file. It may be cut off: what comes before that has been told by then, so verify it
 * first.
 *
 * @throws {InputError} As `verifyExport` does.
 */
export const readExport = async (path: string, onRow: (row: LedgerRow) => void): Promise<void> => {
  const reader = new ExportReader(onRow);
  try {
    await eachLine(path, (line) => reader.read(line));
    reader.end();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${path}: ${wordsOf(reason)}. Nothing of it was imported.`, { cause });
  }
};

const noExport = 'this is no file of `peft-matrix ledger export`';

const wordsOf = (reason: string): string => {
  if (/unexpected end of file/.test(reason)) return 'it is cut off';
  // Not even compressed.
  if (/incorrect header check/.test(reason)) return noExport;
  if (/invalid|incorrect data check/.test(reason)) return `it is damaged (${reason})`;
  return reason;
};

class ExportReader {
  readonly #onRow: (row: LedgerRow) => void;
  readonly #hash = createHash('sha256');
  #rows = -1;
  #isWhole = false;

  constructor(onRow: (row: LedgerRow) => void) {
    this.#onRow = onRow;
  }

  read(line: string): void {
    if (this.#isWhole) throw new Error('it is damaged (something follows its end)');
    const value = parse(line);
    const foot = footSchema.safeParse(value);
    if (foot.success) return this.#readFoot(foot.data);
    if (this.#rows < 0) refuseOtherFormats(value);
    else this.#onRow(rowIn(value));
    this.#rows += 1;
    this.#hash.update(`${line}\n`);
  }

  end(): void {
    if (!this.#isWhole) throw new Error('it is cut off');
  }

  #readFoot({ rows, digest }: z.infer<typeof footSchema>): void {
    if (rows !== this.#rows || digest !== this.#hash.digest('hex')) throw new Error('it is damaged (it was changed)');
    this.#isWhole = true;
  }
}

const refuseOtherFormats = (value: unknown): void => {
  const head = headSchema.safeParse(value);
  if (!head.success) throw new Error(noExport);
  const { version } = head.data;
  if (version > formatVersion) {
    throw new Error(
      `it was written by a newer version of peft-matrix (format ${version}, this one reads ${formatVersion}): use that one`,
    );
  }
};

const rowIn = (value: unknown): LedgerRow => {
  const row = ledgerRowSchema.safeParse(value);
  if (!row.success) throw new Error('it is damaged (a row is none of a ledger)');
  if (row.data.table === 'observations' && !isObservation(row.data.observation)) {
    throw new Error('it is damaged (an observation is none)');
  }
  return row.data;
};

const isObservation = (text: string): boolean => observationSchema.safeParse(parse(text)).success;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is damaged (a line is not JSON)');
  }
};

const eachLine = async (path: string, onLine: (line: string) => void): Promise<void> => {
  // Last in the pipeline, which hears no error of a transform that stands there: a gunzip of nothing may fail late.
  const unzipped = new PassThrough();
  const lines = new Promise<void>((resolve, reject) => {
    splitLines(unzipped, longestLine, {
      onLine: (line) => {
        try {
          onLine(line);
        } catch (error) {
          unzipped.destroy();
          reject(error);
        }
      },
      onGarbage: (reason) => reject(new Error(`it is damaged (${reason})`)),
      onEnd: resolve,
    });
  });
  // What is wrong with a line is worth more than that the stream was then destroyed.
  const [read, split] = await Promise.allSettled([pipeline(createReadStream(path), createGunzip(), unzipped), lines]);
  if (split.status === 'rejected') throw split.reason;
  if (read.status === 'rejected') throw read.reason;
};
