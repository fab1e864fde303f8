import { describe, expect, test } from 'vitest';
import { adapterNamed, loadCatalogue, modelNamed } from './catalogue.ts';
import { normalise } from './normalise.ts';
import { adapterAsOf, resolveAdapter, resolveModel } from './resolve-adapter.ts';

const catalogue = await loadCatalogue();
const { axes, models } = catalogue;

const argumentsOf = (model: string, chosen: Readonly<Record<string, string>>): unknown => {
  const config = normalise(axes, { model, adapter: 'lora', ...chosen });
  return resolveAdapter(adapterNamed(catalogue, String(config['adapter'])), modelNamed(catalogue, model), config, {
    peft: '0.21.2',
  })?.arguments;
};

describe('models', () => {
  test.each(models.map(({ name }) => name))('%s has targets, a layer to wrap, and no dropout', (name) => {
    const model = modelNamed(catalogue, name);
    expect(Object.keys(model.means['targets'] ?? {}).length).toBeGreaterThan(1);
    expect(resolveModel(model)).toMatchObject({ task: model.task, layer: model.layer });
    const dropouts = Object.entries(model.arguments).filter(([argument]) => /drop/.test(argument));
    expect(dropouts.filter(([, value]) => value !== 0)).toEqual([]);
  });

  test('of the probe take their arguments themselves', () => {
    const plain = models.filter(({ library }) => library === 'probe');
    expect(plain.map(({ name, configClass }) => [name, configClass])).toEqual([
      ['mlp', null],
      ['conv', null],
    ]);
  });

  test('one has a list of names that PEFT shortens, and feed-forward layers among them', () => {
    const targets = modelNamed(catalogue, 'mlp').means['targets']?.['names'];
    expect(Array.isArray(targets) && targets.length).toBeGreaterThan(20);
    expect(argumentsOf('mlp', { adapter: 'ia3', targets: 'names' })).toMatchObject({
      target_modules: targets,
      feedforward_modules: expect.arrayContaining(['body.layers.6.down']),
    });
  });

  test('say what PEFT adds for their task', () => {
    expect(argumentsOf('bert', {})).toMatchObject({ task_type: 'SEQ_CLS' });
    expect(argumentsOf('t5', {})).toMatchObject({ task_type: 'SEQ_2_SEQ_LM', target_modules: ['q', 'v'] });
    expect(argumentsOf('conv', { targets: 'convolution' })).not.toHaveProperty('task_type');
    const config = { model: 'bert', adapter: 'vera' };
    const { trains } = adapterAsOf(adapterNamed(catalogue, 'vera'), modelNamed(catalogue, 'bert'), config, {});
    expect(trains).toContain(String.raw`\bclassifier\.modules_to_save\.default\.(weight|bias)$`);
  });

  test('explain the options of LoRA', () => {
    expect(argumentsOf('mixtral', { target_parameters: 'some', rank_pattern: 'some' })).toMatchObject({
      target_parameters: ['mlp.experts.gate_up_proj', 'mlp.experts.down_proj'],
      rank_pattern: { [String.raw`layers\.1\..*`]: 2 },
    });
    expect(argumentsOf('mlp', { modules_to_save: 'head' })).toMatchObject({ modules_to_save: ['head', 'head2'] });
  });
});
