import type { Frame } from '../containers/observation.ts';

/**
 * The innermost library frames, innermost first, as `package/file.py:function`: at most three.
 *
 * Line numbers differ between releases, the depth of module nesting between models and wrap policies, and the model's
 * own frames between models; none of them says what went wrong.
 *
 * @param frames - outermost first, as Python prints them.
 */
export const libraryFrames = (frames: readonly Frame[]): readonly string[] => {
  const library = frames.toReversed().filter(isLibrary);
  const telling = library.filter((frame) => !isPlumbing(frame));
  const names = withoutRepetitions((telling.length > 0 ? telling : library).map(nameOf));
  const model = names.findIndex((name) => name.startsWith('transformers/models/'));
  return names.slice(0, model > 0 ? Math.min(model, depth) : depth);
};

const depth = 3;

const nameOf = ({ file, function: name }: Frame): string => `${file}:${name}`;

/** Neither the probe's own, nor a frozen module, nor Python's standard library. */
const isLibrary = ({ file }: Frame): boolean =>
  file.includes('/') &&
  !file.startsWith('<') &&
  !/(?:^|\/)peft_matrix_probe\//.test(file) &&
  !standardLibrary.test(file);

/** Files of the standard library that lie in a folder, with or without the folder of Python itself before them. */
const standardLibrary =
  /(?:^|\/)(?:python\d[\d.]*\/(?!site-packages|dist-packages)|asyncio\/|collections\/|concurrent\/|ctypes\/|email\/|encodings\/|http\/|importlib\/|json\/|logging\/|multiprocessing\/|pathlib\/|re\/|unittest\/|urllib\/)/;

/** Frames that every call passes through: they tell how it got there, not what it did. */
const isPlumbing = ({ file, function: name }: Frame): boolean =>
  plumbingFiles.some((pattern) => pattern.test(file)) ||
  wrapperFunctions.has(name) ||
  (parallelWrappers.test(file) && /^(?:forward|_run_ddp_forward|__call__)$/.test(name));

const plumbingFiles: readonly RegExp[] = [
  /^torch\/nn\/modules\/(?:module|container)\.py$/,
  /^torch\/utils\/(?:_contextlib|checkpoint|hooks)\.py$/,
  /^torch\/autograd\//,
  /^torch\/_tensor\.py$/,
  /^torch\/(?:_compile|_ops)\.py$/,
  /^torch\/_dynamo\//,
  /^torch\/amp\//,
  /^transformers\/(?:modeling_layers|utils\/[^/]+)\.py$/,
];

const wrapperFunctions: ReadonlySet<string> = new Set([
  'wrapper',
  'wrapped',
  'wrapped_func',
  'inner',
  '_fn',
  'decorate_context',
  'decorate_autocast',
  '<lambda>',
  '<listcomp>',
  '<dictcomp>',
  '<setcomp>',
  '<genexpr>',
]);

const parallelWrappers = /^torch\/(?:nn\/parallel\/distributed|distributed\/fsdp\/fully_sharded_data_parallel)\.py$/;

const withoutRepetitions = (names: readonly string[]): readonly string[] =>
  names.filter((name, index) => name !== names[index - 1]);
