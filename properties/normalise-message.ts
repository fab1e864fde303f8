import { parameterKind } from './parameter-kind.ts';

/**
 * The words of a message that say what went wrong, without what varies from run to run, layer to layer, size to size:
 * at most 300 characters, idempotent. dtypes, names of options and other identifiers stay.
 */
export const normaliseMessage = (message: string): string => {
  let text = rewrite(message);
  // A cut can leave the first half of something that is masked as a whole, so until nothing changes any more.
  for (let again = rewrite(text), left = 10; again !== text && left > 0; left -= 1) {
    text = again;
    again = rewrite(text);
  }
  return text;
};

const limit = 300;

const rewrite = (message: string): string => masks.reduce(mask, essence(message)).trim().slice(0, limit).trim();

/** The first lines, each once, up to where a C++ stack begins. */
const essence = (message: string): string => {
  const [said = ''] = message.split(cppStack, 1);
  const lines = said.split('\n').map((line) => masks.reduce(mask, line).replace(/\s+/g, ' ').trim());
  return [...new Set(lines)]
    .filter((line) => line !== '')
    .slice(0, 3)
    .join(' ');
};

const cppStack = /\n?(?:Exception raised from |C\+\+ CapturedTraceback|frame #\d+: |\(most recent call first\))/;

type Mask = readonly [RegExp, string | ((match: string) => string)];

const mask = (text: string, [pattern, to]: Mask): string =>
  typeof to === 'string' ? text.replace(pattern, to) : text.replace(pattern, to);

/** In this order: a later mask sees what the earlier ones left. */
const masks: readonly Mask[] = [
  // Where a module sits says nothing of what it does: `_fsdp_wrapped_module.` and the like come and go with wrapping.
  [/\b(?:_fsdp_wrapped_module|_checkpoint_wrapped_module|_orig_mod)\./g, ''],
  // All keys of a state dict, and which of them was missed: torch's FSDP prints them, thousands for a real model.
  [/\b(o?dict_keys)\(\[.*?(?:\]\)|$)/g, '$1([…])'],
  [/\b(prefix|module_name|param_name)=[^\s,]*/g, '$1=…'],
  [/\bbase_model(?:\.\w+)+/g, (path) => `*.${ending(path)}`],
  // Parameters by their path: `base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight` is a `lora_A`.
  [/\b[A-Za-z_]\w*(?:\.\w+)*\.(?:\d+|#)(?:\.[A-Za-z_]\w*)+/g, (path) => `*.${ending(path)}`],
  // Paths of files keep the file's name; folders and temporary files nothing.
  [/(?<![\w<.])(?:[A-Za-z]:)?(?:\/[\w.@+~-]+)+\/?/g, (path) => fileName(path)],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b\]?(?::\d+)?/g, '<address>'],
  [/\b0x[0-9a-fA-F]+/g, '0x#'],
  // Hashes and identifiers of one run: hexadecimal, long, with digits in it.
  [/\b(?=[0-9a-f-]*\d)[0-9a-f]{8}[0-9a-f-]*\b/g, '#'],
  [/\b\d+(?:x\d+)+\b/g, '#'],
  // Numbers that stand alone, with their unit. `float32`, `lora_A2`, `2-D` and `4bit` are names.
  [/(?<![\w#.])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?=(?:ns|us|ms|s|m|min|h|B|kB|[KMGT]i?B)?(?![\w-]|\.\d))/g, '#'],
  [/(?<![\w#.])[-+]?\d+(?:[.,]\d+)*(?=-(?:$|[^A-Za-z]))/g, '#'],
  [/\brank ?\d+/gi, 'rank #'],
  // Shapes, whatever their number of dimensions.
  [/#(?:, ?#)+,?/g, '#'],
  [/\[\s*\]/g, '[#]'],
  // Which of two dtypes comes first depends on which parameter does.
  [/\b(torch\.\w+) and torch\.\w+/g, (pair) => pair.split(' and ').toSorted().join(' and ')],
];

const ending = (path: string): string => {
  const kind = parameterKind(path);
  return kind === 'base parameters' ? (path.split('.').at(-1) ?? '') : kind;
};

const fileName = (path: string): string => {
  const name = path.replace(/\/$/, '').split('/').at(-1) ?? '';
  return /\.[A-Za-z]\w*$/.test(name) ? name : '<path>';
};
