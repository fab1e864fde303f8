import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { satisfies, valid } from '@renovatebot/pep440';
import * as z from 'zod';
import { InputError } from './errors.ts';
import type { Device, Lock } from './pin.ts';

/** What a lock is asked to hold: the pin's own words, before anything is resolved. */
export interface LockRequest {
  /** `major.minor`. */
  readonly python: string;
  readonly device: Device;
  /** e.g. `linux-x86_64`. */
  readonly platform: string;
  /** Normalised package name to PEP 440 range, `''` for any version: `{ peft: '==0.21.2', torch: '' }`. */
  readonly requirements: Readonly<Record<string, string>>;
  /** Day (`2026-11-20`, the whole day counts, in UTC) or timestamp after which nothing may enter. */
  readonly asOf?: string;
}

const exactVersion = z.string().refine((text) => valid(text) !== null, 'expected an exact version, such as "0.12.0"');

/** A lock as it is kept in a file under `matrices/locks/`. */
export const lockSchema = z.strictObject({
  python: z.string().regex(/^\d+\.\d+$/, 'expected major.minor, such as "3.11"'),
  device: z.enum(['cpu', 'cuda']),
  platform: z.string(),
  asOf: z.union([z.iso.date(), z.iso.datetime()]).exactOptional(),
  packages: z.record(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'expected a normalised name'), exactVersion),
});

/**
 * Twelve hex digits that name the environment of a lock.
 *
 * `asOf` has no part in it: it says how the versions were found, and two days that give the same versions give the same
 * environment.
 */
export const lockId = (lock: Lock): string =>
  createHash('sha256')
    .update(JSON.stringify([lock.python, lock.device, lock.platform, sortedEntries(lock.packages)]))
    .digest('hex')
    .slice(0, 12);

/** The text of a lock file: JSON with sorted packages, one a line, so that two locks can be compared line by line. */
export const formatLock = (lock: Lock): string => {
  const { python, device, platform, asOf, packages } = lock;
  const head = { python, device, platform, ...(asOf === undefined ? {} : { asOf }) };
  return `${JSON.stringify({ ...head, packages: Object.fromEntries(sortedEntries(packages)) }, null, 2)}\n`;
};

/** Reads the text of a lock file; `file` is for messages. Throws `InputError`. */
export const parseLock = (text: string, file: string): Lock => {
  const parsed = lockSchema.safeParse(readJson(text, file));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new InputError(`${file}: not a lock file\n${problems.join('\n')}\n${remedy}`);
};

/** The lock in a file, or undefined when there is no such file. Throws `InputError` when it is not a lock. */
export const readLock = async (file: string): Promise<Lock | undefined> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw new InputError(`${file}: cannot be read (${error.message})\n${remedy}`, { cause: error });
  });
  return text === undefined ? undefined : parseLock(text, file);
};

/** Why a kept lock does not answer a request (it is stale, or made for another platform), or undefined when it does. */
export const mismatch = (lock: Lock, request: LockRequest): string | undefined => {
  for (const key of ['python', 'device', 'platform', 'asOf'] as const) {
    if (lock[key] !== request[key]) return `${key} is ${lock[key] ?? 'absent'}, not ${request[key] ?? 'absent'}`;
  }
  for (const [name, range] of Object.entries(request.requirements)) {
    const version = lock.packages[name];
    if (version === undefined) return `${name} is not in it`;
    if (range !== '' && !satisfies(version, range)) return `${name} is ${version}, not ${range}`;
  }
  return undefined;
};

const remedy =
  'Expected a lock as `run` and `plan` write it. One that they have written is resolved again when it is deleted.';

const sortedEntries = (packages: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(packages).toSorted(([left], [right]) => (left < right ? -1 : 1));

const readJson = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file}: ${cause instanceof Error ? cause.message : 'not JSON'}\n${remedy}`, { cause });
  }
};
