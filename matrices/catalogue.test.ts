import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adapterNamed, loadCatalogue } from './catalogue.ts';
import { InputError } from './errors.ts';

const files = ['axes.yaml', 'adapters.yaml', 'models.yaml', 'rules.yaml', 'refusals.yaml', 'known-issues.yaml'];

/** A copy of the data files in which one has other text. */
const folderWith = async (file: string, change: (text: string) => string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'catalogue-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await Promise.all(files.map((name) => cp(join(import.meta.dirname, name), join(folder, name))));
  const path = join(folder, file);
  await writeFile(path, change(await readFile(path, 'utf8')));
  return folder;
};

/** What loading says, without the name of the temporary folder. */
const messageWith = async (file: string, change: (text: string) => string): Promise<string> => {
  const folder = await folderWith(file, change);
  try {
    await loadCatalogue(folder);
  } catch (error) {
    if (error instanceof InputError)
      return error.message.replaceAll(/catalogue-\w+\//g, '').replaceAll(/:\d+:/g, ':N:');
    throw error;
  }
  return 'accepted';
};

test('options of adapters are axes of the adapters that list them, after the arguments of adapters', async () => {
  const { axes } = await loadCatalogue();
  expect(axes.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "model",
      "adapter",
      "rank",
      "targets",
      "use_rslora",
      "precision",
      "learning_rate",
      "sharding",
      "strategy",
      "use_orig_params",
      "wrap",
      "fully_shard",
      "reshard_after_forward",
      "gradient_checkpointing",
    ]
  `);
  expect(axes.find(({ name }) => name === 'use_rslora')?.applies).toEqual({ adapter: ['lora', 'dora'] });
});

test('rank applies to the adapters that have one', async () => {
  const { axes } = await loadCatalogue();
  const applies = axes.find(({ name }) => name === 'rank')?.applies?.['adapter'];
  expect(applies).toEqual(['lora', 'dora', 'vera', 'loha', 'lokr', 'adalora']);
});

test('adding an adapter is one entry: it joins the axes', async () => {
  const entry = `
- name: hra
  configClass: HRAConfig
  description: Householder reflections
  since: 0.12.0
  arguments: { r: $rank, target_modules: $targets, apply_GS: $apply_GS }
  options:
    - { name: apply_gs, description: Orthogonalise by Gram-Schmidt, values: [false, true] }
  trains: ['\\.hra_u\\.default$']
`.replace('apply_GS: $apply_GS', 'apply_GS: $apply_gs');
  const { axes } = await loadCatalogue(await folderWith('adapters.yaml', (text) => text + entry));
  expect(axes.find(({ name }) => name === 'adapter')?.values).toContain('hra');
  expect(axes.find(({ name }) => name === 'rank')?.applies?.['adapter']).toContain('hra');
  expect(axes.find(({ name }) => name === 'apply_gs')?.applies).toEqual({ adapter: ['hra'] });
});

test('an adapter that is not there is refused with the nearest spelling', async () => {
  const catalogue = await loadCatalogue();
  expect(() => adapterNamed(catalogue, 'dorra')).toThrowErrorMatchingInlineSnapshot(
    `[InputError: There is no adapter "dorra". Did you mean "dora"? Allowed: none, lora, dora, vera, ia3, loha, lokr, adalora, oft, boft]`,
  );
});

describe('what is wrong with a data file is said with its place', () => {
  test('a condition on an axis or value that is not there', async () => {
    expect(
      await messageWith('rules.yaml', (text) =>
        text.replace('when: { sharding: [fsdp2] }', 'when: { shardin: [fsdp2], adapter: [vra, lora] }'),
      ),
    ).toMatchInlineSnapshot(`
      "rules.yaml:N:11: "shardin" is not an axis. Did you mean "sharding"? Allowed: model, adapter, rank, targets, use_rslora, precision, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, gradient_checkpointing
      rules.yaml:N:39: "vra" is not a value of adapter. Did you mean "vera"? Allowed: none, lora, dora, vera, ia3, loha, lokr, adalora, oft, boft"
    `);
  });

  test('an axis that depends on one below it', async () => {
    expect(
      await messageWith('axes.yaml', (text) => text.replace('{ sharding: [fsdp1] }', '{ wrap: [peft] }')),
    ).toMatchInlineSnapshot(
      `"axes.yaml:N:14: "wrap" is not an axis above this one. Allowed: model, adapter, rank, targets, use_rslora, precision, learning_rate, sharding"`,
    );
  });

  test('a placeholder without an axis, a bad pattern, a version that is a number', async () => {
    expect(
      await messageWith('adapters.yaml', (text) => text.replace('alpha: 16, target', 'alpha: $alfa, target')),
    ).toMatchInlineSnapshot(`"axes.yaml:N:1: no axis "alfa", which adapter loha takes as an argument"`);
    expect(
      await messageWith('adapters.yaml', (text) =>
        text.replace("trains: ['.']", "trains: ['(']").replace('since: 0.9.0', 'since: 0.9'),
      ),
    ).toMatchInlineSnapshot(`
      "adapters.yaml:N:12: [0].trains[0]: "(": not a regular expression
      adapters.yaml:N:10: [2].since: expected text, found 0.9; put it in quotes: "0.9""
    `);
  });

  test('an option with other values elsewhere, and a name that is there twice', async () => {
    expect(
      await messageWith('adapters.yaml', (text) => {
        const place = text.lastIndexOf('values: [false, true]');
        return `${text.slice(0, place)}values: [true, false]${text.slice(place + 21)}`.replace(
          'name: boft',
          'name: oft',
        );
      }),
    ).toMatchInlineSnapshot(`
      "adapters.yaml:N:15: another adapter gives use_rslora other values
      adapters.yaml:N:9: "oft" is there twice"
    `);
  });

  test('a model that explains a value that is not there', async () => {
    expect(
      await messageWith('models.yaml', (text) => text.replace('mlp: [c_fc]', 'mpl: [c_fc]')),
    ).toMatchInlineSnapshot(
      `"models.yaml:N:7: "mpl" is not a value of targets. Did you mean "mlp"? Allowed: attention, mlp, all-linear"`,
    );
  });

  test('a known issue without a link', async () => {
    expect(await messageWith('known-issues.yaml', (text) => text.replace(/ {2}link: .*\n/, ''))).toMatchInlineSnapshot(
      `"known-issues.yaml:N:3: [0] lacks "link" (text)"`,
    );
  });

  test('a file that is not there', async () => {
    const folder = await folderWith('axes.yaml', (text) => text);
    await rm(join(folder, 'models.yaml'));
    await expect(loadCatalogue(folder)).rejects.toThrow(/models\.yaml: there is no such file/);
    expect(await readdir(folder)).not.toContain('models.yaml');
  });
});
