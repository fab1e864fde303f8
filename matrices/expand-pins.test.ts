import { compare } from '@renovatebot/pep440';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandPins, lockRequestOf, type ListedRelease, type PlannedPin } from './expand-pins.ts';
import type { MatrixPin } from './matrix.ts';

const release = (version: string, day: string, yanked = false): ListedRelease => ({
  version,
  uploadedAt: `${day}T12:00:00.5Z`,
  yanked,
});
const peft = [
  release('0.17.1', '2025-08-21'),
  release('0.18.0', '2025-11-13'),
  release('0.18.1', '2026-01-09'),
  release('0.19.0', '2026-04-14'),
  release('0.19.1', '2026-04-16'),
  release('0.19.2', '2026-04-17', true),
  release('0.20.0rc1', '2026-07-20'),
  release('0.20.0', '2026-07-28'),
  release('0.21.0', '2026-09-15'),
];
const fromIndex = async (): Promise<readonly ListedRelease[]> => peft;
const offline = async (): Promise<readonly ListedRelease[]> => {
  throw new Error('the index was asked');
};
const pin = (given: Partial<MatrixPin>): MatrixPin => ({ device: 'cpu', place: 'm.yaml:4:5', ...given });
const idsOf = async (pins: readonly Partial<MatrixPin>[], asOf?: string): Promise<readonly string[]> => {
  const expanded = await expandPins({ pins: pins.map(pin), ...(asOf === undefined ? {} : { asOf }) }, fromIndex);
  return expanded.map(({ id }) => id);
};

/** A pin with a package from its repository. */
const mainWith = (given: Partial<MatrixPin['tree']> = {}): Partial<MatrixPin> => ({
  peft: '0.21.2',
  tree: { package: 'peft', commit: 'main', ...given },
});

test('a tree has the name of its branch, whatever release is around it', async () => {
  expect(await idsOf([{ peft: '0.21.2' }, mainWith(), mainWith({ package: 'Transformers' })])).toEqual([
    'peft-0.21.2',
    'peft-main',
    'transformers-main',
  ]);
  expect(await idsOf([mainWith({ commit: '0123456789abcdef0123456789abcdef01234567' })])).toEqual([
    'peft-0123456789ab',
  ]);
  expect(await idsOf([mainWith(), { ...mainWith(), peft: '0.20.0' }])).toEqual([
    'peft-main-peft-0.21.2',
    'peft-main-peft-0.20.0',
  ]);
});

describe('ranges', () => {
  test('become the newest patch of each minor release, oldest first, without what was yanked', async () => {
    expect(await idsOf([{ peft: '>=0.18,<0.21' }])).toEqual(['peft-0.18.1', 'peft-0.19.1', 'peft-0.20.0']);
  });

  test('know nothing younger than their date; the day itself counts', async () => {
    expect(await idsOf([{ peft: '>=0.18' }], '2026-04-14')).toEqual(['peft-0.18.1', 'peft-0.19.0']);
    expect(await idsOf([{ peft: '>=0.18', asOf: '2026-04-16' }], '2025-12-01')).toEqual(['peft-0.18.1', 'peft-0.19.1']);
  });

  test('take a pre-release only when they ask for it', async () => {
    expect(await idsOf([{ peft: '>=0.20.0rc1' }], '2026-07-21').catch(String)).toMatch(/no release of peft/);
    expect(await idsOf([{ peft: '>=0.20.0rc1', prereleases: true }], '2026-07-21')).toEqual(['peft-0.20.0rc1']);
  });

  test('that no release is in are refused with their place and what there is', async () => {
    await expect(idsOf([{ peft: '>=0.30' }], '2026-11-20')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InputError: m.yaml:4:5: no release of peft is in ">=0.30" as of 2026-11-20; the index has 8 releases, from 0.17.1 to 0.21.0]`,
    );
  });

  test('hold one release a minor, the newest that was there that day', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(4), fc.nat(1000), fc.boolean()), {
          selector: ([minor, patch]) => minor * 10 + patch,
          maxLength: 12,
        }),
        fc.nat(1000),
        async (listed, day) => {
          const start = Date.UTC(2024, 0, 1);
          const dateOf = (days: number): string => new Date(start + days * 86_400_000).toISOString();
          const releases = listed.map(([minor, patch, days, yanked]) => ({
            version: `0.${minor}.${patch}`,
            uploadedAt: dateOf(days),
            yanked,
          }));
          const asOf = dateOf(day).slice(0, 10);
          const there = listed.filter(([, , days, yanked]) => days <= day && !yanked);
          const expected = [...new Set(there.map(([minor]) => minor))]
            .map(
              (minor) =>
                `0.${minor}.${Math.max(...there.filter(([other]) => other === minor).map(([, patch]) => patch))}`,
            )
            .toSorted(compare);
          const found = await expandPins({ pins: [pin({ peft: '>=0' })], asOf }, async () => releases).catch(() => []);
          expect(found.map(({ id }) => id)).toEqual(expected.map((version) => `peft-${version}`));
        },
      ),
      { seed: 42 },
    );
  });
});

describe('exact pins and interpreters', () => {
  test('need no index', async () => {
    const pins = [pin({ peft: '0.21.2', torch: '2.13.0', packages: { 'Bits_And.Bytes': '>=0.50' } })];
    expect(await expandPins({ pins, asOf: '2026-11-20' }, offline)).toMatchInlineSnapshot(`
      [
        {
          "device": "cpu",
          "id": "peft-0.21.2",
          "source": {
            "asOf": "2026-11-20",
            "kind": "resolve",
            "python": "3.11",
            "requirements": {
              "accelerate": "",
              "bits-and-bytes": ">=0.50",
              "peft": "==0.21.2",
              "torch": "==2.13.0",
              "transformers": "",
            },
          },
        },
      ]
    `);
  });

  test('are named by what tells them apart', async () => {
    const ids = await idsOf([
      { peft: '0.21.0', torch: '2.13.0' },
      { peft: '0.21.0', torch: '2.6.0' },
      { peft: '0.21.0', torch: '2.6.0', device: 'cuda' },
      { peft: '0.20.0', python: '3.10' },
      { peft: '0.20.0', asOf: 'release' },
      { interpreter: '/home/me/project/.venv/bin/python' },
      { interpreter: '/other/.venv/bin/python' },
    ]);
    expect(ids).toMatchInlineSnapshot(`
      [
        "peft-0.21.0-torch-2.13.0",
        "peft-0.21.0-torch-2.6.0",
        "peft-0.21.0-cuda",
        "peft-0.20.0-python-3.10",
        "peft-0.20.0-python-3.11-as-of-release",
        "env-venv",
        "env-venv-2",
      ]
    `);
  });

  test('that come to the same are one', async () => {
    expect(await idsOf([{ peft: '0.21.0' }, { peft: '>=0.21' }])).toEqual(['peft-0.21.0']);
  });
});

const planned = async (given: Partial<MatrixPin>): Promise<PlannedPin> => {
  const [first] = await expandPins({ pins: [pin(given)] }, fromIndex);
  if (first === undefined) throw new Error('nothing was planned');
  return first;
};

describe('what to resolve', () => {
  test('as of its release: the moment at which PEFT came out', async () => {
    const request = await lockRequestOf(await planned({ peft: '0.19.1', asOf: 'release' }), 'linux-x86_64', fromIndex);
    expect(request).toMatchObject({ asOf: '2026-04-16T12:00:00.5Z', platform: 'linux-x86_64', python: '3.11' });
  });

  test('as of a day: no index is asked', async () => {
    const request = await lockRequestOf(await planned({ peft: '0.19.1', asOf: '2026-11-20' }), 'linux-x86_64', offline);
    expect(request?.asOf).toBe('2026-11-20');
  });

  test('as of a release that the index does not have is refused', async () => {
    const asked = lockRequestOf(await planned({ peft: '9.9.9', asOf: 'release' }), 'linux-x86_64', fromIndex);
    await expect(asked).rejects.toThrow('the package index has no peft 9.9.9');
  });
});
