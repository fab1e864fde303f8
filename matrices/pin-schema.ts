import { compare, valid, validRange } from '@renovatebot/pep440';
import * as z from 'zod';

/** Anything that can be said of a version: exact (`0.21.2`) or a PEP 440 range (`>=0.18,<0.21`). */
const requirement = z
  .string()
  .refine((text) => valid(text) !== null || (/[<>=!~]/.test(text) && validRange(text)), {
    error: 'not a version and not a PEP 440 range; write one such as "0.21.2" or ">=0.18,<0.21"',
  })
  .refine((text) => !validRange(text) || !isEmptyRange(text), { error: 'no version can be in this range' })
  .describe('An exact version or a PEP 440 range, in quotes');

const pythonSchema = z
  .string()
  .regex(/^3\.(?:[89]|1\d)$/, 'expected major.minor from "3.8" on, such as "3.11"')
  .describe('major.minor, in quotes');

const asOfMessage = 'expected a day such as 2026-11-20, or release';

/** A day, or the moment when that PEFT release came out. */
export const asOfSchema = z
  .union([z.literal('release'), z.iso.date({ error: asOfMessage })], { error: asOfMessage })
  .describe('Nothing younger than this day enters the environment; release: the day of that PEFT release');

/** A package as it is in its repository. */
const treeSchema = z.strictObject({
  package: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'not the name of a package')
    .default('peft'),
  commit: z.string().min(1).default('main').describe('A branch, a tag or a hash'),
  git: z.string().min(1).exactOptional().describe('URL or path of the repository; that of the project if absent'),
});

/** One entry of `pins`. */
export const pinSchema = z
  .strictObject({
    peft: requirement.exactOptional(),
    python: pythonSchema.exactOptional(),
    torch: requirement.exactOptional(),
    transformers: requirement.exactOptional(),
    accelerate: requirement.exactOptional(),
    packages: z
      .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'not the name of a package'), requirement)
      .exactOptional()
      .describe('Other packages and their versions'),
    asOf: asOfSchema.exactOptional(),
    prereleases: z.boolean().exactOptional().describe('Let pre-releases of PEFT into a range'),
    tree: treeSchema
      .exactOptional()
      .describe('A package from its repository in place of the one that is installed, all else as the pin says'),
    device: z.enum(['cpu', 'cuda']).default('cpu'),
    interpreter: z
      .string()
      .min(1)
      .exactOptional()
      .describe('A Python of an environment that exists already and is taken as it is'),
  })
  .superRefine((pin, context) => {
    for (const name of Object.keys(pin.packages ?? {}).filter((key) => ownKeys.includes(key.toLowerCase()))) {
      const message = `write ${name.toLowerCase()} as a key of the pin`;
      context.addIssue({ code: 'custom', path: ['packages', name], message });
    }
    if (pin.interpreter === undefined) {
      if (pin.peft === undefined) {
        context.addIssue({ code: 'custom', message: 'expected "peft" (a version or a range) or "interpreter"' });
      }
      if (pin.tree !== undefined && pin.asOf === 'release') {
        const message = 'a tree is of no release; write a day, or leave "asOf" out';
        context.addIssue({ code: 'custom', path: ['asOf'], message });
      }
      return;
    }
    for (const key of [...ownKeys, 'packages', 'asOf', 'prereleases', 'tree'].filter((name) =>
      Object.hasOwn(pin, name),
    )) {
      const message = `an interpreter is taken as it is; leave "${key}" out`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

const ownKeys: readonly string[] = ['peft', 'python', 'torch', 'transformers', 'accelerate'];

/** A pin as a matrix file writes it. */
export type PinSpec = z.output<typeof pinSchema>;

/** True for bounds that exclude each other, such as `>=0.21,<0.18`. */
const isEmptyRange = (text: string): boolean => {
  const bounds = text.split(',').flatMap((part): readonly Bound[] => {
    const [, operator, version] = /^\s*(>=|<=|==|>|<)\s*([^*]+?)\s*$/.exec(part) ?? [];
    return operator === undefined || version === undefined ? [] : [{ operator, version }];
  });
  const lowest = bounds.filter(({ operator }) => operator.startsWith('>') || operator === '==');
  const highest = bounds.filter(({ operator }) => operator.startsWith('<') || operator === '==');
  return lowest.some((low) =>
    highest.some((high) => {
      const order = compare(low.version, high.version);
      return order > 0 || (order === 0 && !(low.operator.includes('=') && high.operator.includes('=')));
    }),
  );
};

interface Bound {
  readonly operator: string;
  readonly version: string;
}
