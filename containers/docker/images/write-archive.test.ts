import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listFiles } from './list-files.ts';
import { writeArchive } from './write-archive.ts';

const { signal } = new AbortController();

/** A folder of packages as an installer with this Python leaves it. */
const installed = async (first: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'archive-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = `${first}import sys\n`;
  const hash = createHash('sha256').update(script).digest('base64url');
  const files = {
    'site-packages/bin/tool': script,
    'site-packages/bin/compiled': '\u007FELF',
    'site-packages/tool/__init__.py': '#!/usr/bin/env python\n',
    'site-packages/tool-1.0.dist-info/RECORD': [
      `bin/tool,sha256=${hash},${script.length}`,
      'tool/__init__.py,sha256=abc,22',
      `tool-1.0.dist-info/uv_cache.json,sha256=${hash},119`,
      'tool-1.0.dist-info/RECORD,,',
      '',
    ].join('\n'),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    await utimes(join(folder, path), Math.random() * 1e9, Math.random() * 1e9);
  }
  await chmod(join(folder, 'site-packages/bin/tool'), 0o750);
  return folder;
};

const archived = async (folder: string): Promise<Buffer> => {
  const archive = pack();
  const files = (await listFiles(folder)).toSorted((left, right) => (left.path < right.path ? -1 : 1));
  const [bytes] = await Promise.all([buffer(Readable.from(archive)), writeArchive(archive, files, signal)]);
  return bytes;
};

const contents = async (bytes: Buffer): Promise<Readonly<Record<string, string>>> => {
  const reader = extract();
  reader.end(bytes);
  const found: Record<string, string> = {};
  for await (const entry of reader) {
    const { name, mode, uid, mtime } = entry.header;
    const content = await buffer(Readable.from(entry));
    found[name] = `${mode.toString(8)} ${uid} ${mtime.toISOString().slice(0, 10)} ${content.toString()}`;
  }
  return found;
};

describe('writeArchive', () => {
  test('writes files with their folders, without owners and times', async () => {
    await expect(contents(await archived(await installed('#!/home/me/python\n')))).resolves.toMatchInlineSnapshot(`
      {
        "site-packages": "755 0 1980-01-01 ",
        "site-packages/bin": "755 0 1980-01-01 ",
        "site-packages/bin/compiled": "644 0 1980-01-01 ELF",
        "site-packages/bin/tool": "755 0 1980-01-01 #!/opt/environment/bin/python
      import sys
      ",
        "site-packages/tool": "755 0 1980-01-01 ",
        "site-packages/tool-1.0.dist-info": "755 0 1980-01-01 ",
        "site-packages/tool-1.0.dist-info/RECORD": "644 0 1980-01-01 bin/tool,,
      tool/__init__.py,sha256=abc,22
      tool-1.0.dist-info/RECORD,,
      ",
        "site-packages/tool/__init__.py": "644 0 1980-01-01 #!/usr/bin/env python
      ",
      }
    `);
  });

  test.each([
    ['at another place', '#!/Users/you/.pyenv/versions/3.11.7/bin/python3.11\n'],
    ['at a place with spaces', `#!/bin/sh\n'''exec' "/Users/some one/python" "$0" "$@"\n' '''\n`],
  ])('writes the same bytes when the Python of this machine is %s', async (_, first) => {
    const usual = await archived(await installed('#!/home/me/python\n'));
    const other = await archived(await installed(first));
    expect(other.equals(usual)).toBe(true);
  });

  test('ends with its signal', async () => {
    const archive = pack();
    const files = await listFiles(await installed('#!/home/me/python\n'));
    await expect(writeArchive(archive, files, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
