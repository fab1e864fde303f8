import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Header, Pack } from 'tar-stream';
import type { PackedFile } from './list-files.ts';
import { imagePython } from './stage-files.ts';

/** Long ago and the same for all: a file's time says when it was downloaded. The first that a zip file can hold. */
const mtime = new Date('1980-01-01T00:00:00Z');

/** Files up to this are read at once. */
const mostInMemoryBytes = 16_000_000;

/** Writes files into an archive: the same files, the same bytes, whoever owns them and wherever they were. */
export const writeArchive = async (archive: Pack, files: readonly PackedFile[], signal: AbortSignal): Promise<void> => {
  const written = new Set(['.']);
  for (const file of files) {
    signal.throwIfAborted();
    for (const folder of foldersAbove(file.path)) {
      if (written.has(folder)) continue;
      written.add(folder);
      await writeEntry(archive, { name: folder, type: 'directory', mode: 0o755 }, Buffer.alloc(0));
    }
    await writeFile(archive, file);
  }
  archive.finalize();
};

type EntryHeader = Pick<Header, 'name' | 'mode'> & Partial<Pick<Header, 'type'>>;

const foldersAbove = (path: string): readonly string[] => {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [...foldersAbove(folder), folder];
};

const writeFile = async (archive: Pack, { path, source, executable }: PackedFile): Promise<void> => {
  const header: EntryHeader = { name: path, mode: executable ? 0o755 : 0o644 };
  const { size } = await stat(source);
  if (size > mostInMemoryBytes) {
    await pipeline(createReadStream(source), archive.entry({ ...header, size, mtime }));
  } else {
    await writeEntry(archive, header, withoutTraces(path, await readFile(source)));
  }
};

const writeEntry = async (archive: Pack, header: EntryHeader, content: Buffer): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onWritten = (error?: Error | null): void => (error ? reject(error) : resolve());
  archive.entry({ ...header, size: content.length, mtime }, onWritten).end(content);
  await promise;
};

/** The installer writes its own Python into scripts, which is one of this machine, and their hashes into the record. */
const withoutTraces = (path: string, content: Buffer): Buffer => {
  if (isScript(path) && content.subarray(0, 2).toString() === '#!') {
    return Buffer.from(content.toString('latin1').replace(firstWords, `#!${imagePython}\n`), 'latin1');
  }
  if (!path.endsWith('.dist-info/RECORD')) return content;
  const lines = content.toString().split('\n');
  return Buffer.from(
    lines
      .filter((line) => !line.includes('.dist-info/uv_cache.json,'))
      .map((line) => line.replace(/^(?<script>(?:\.\.\/)*bin\/[^,]+),.*$/, '$<script>,,'))
      .join('\n'),
  );
};

const isScript = (path: string): boolean => /(?:^|\/)site-packages\/bin\//.test(path);

/** A path that is too long for a first line, or has spaces, stands in a shell command. */
const firstWords = /^#!(?:\/bin\/sh\n'''exec' .*\n' '''|.*python.*)\n/;
