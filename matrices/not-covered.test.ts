import { expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { notCovered } from './not-covered.ts';

const catalogue = await loadCatalogue();

const method = ['task_type', 'peft_type', 'target_modules'];

test('methods that no adapter names are listed by their names', () => {
  const configClasses = { LaterConfig: method, LoraConfig: method, EarlierConfig: method };
  expect(notCovered(catalogue, { configClasses })).toEqual(['EarlierConfig', 'LaterConfig']);
});

test('bases of methods are no methods', () => {
  const configClasses = { PeftConfig: method, PromptLearningConfig: method };
  expect(notCovered(catalogue, { configClasses })).toEqual([]);
});

test('nothing is left out of PEFT 0.21', () => {
  const names =
    'AdaLora Adamss AdaptionPrompt BOFT Beft C3A CPT Cartridge Deft Delora FourierFT Frod Glora Gralora HRA Hira IA3 ' +
    'LNTuning Lily LoHa LoKr Lora Miss MultitaskPromptTuning OFT OSF Peanut Poly PrefixTuning PromptEncoder ' +
    'PromptTuning Psoft Pvera RandLora Road Shadow Shira Supertuning TinyLora TrainableTokens UniLora VBLoRA Vera ' +
    'WaveFT XLora';
  const configClasses = Object.fromEntries(names.split(' ').map((name) => [`${name}Config`, method]));
  expect(Object.keys(configClasses)).toHaveLength(45);
  expect(notCovered(catalogue, { configClasses })).toEqual([]);
});
