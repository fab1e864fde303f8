import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from './errors.ts';
import { readYaml } from './read-yaml.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const messageOf = (content: Uint8Array | string): string => {
  try {
    readYaml(typeof content === 'string' ? bytes(content) : content, 'm.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('what is refused, with its place', () => {
  test('a key that is there twice', () => {
    expect(messageOf('a: 1\nb:\n  c: 1\n  c: 2\n')).toMatchInlineSnapshot(`"m.yaml:4:3: the key "c" is there twice"`);
  });

  test('what is not YAML', () => {
    expect(messageOf('a: [1\nb: 2')).toMatchInlineSnapshot(`"m.yaml:2:1: not valid YAML: deficient indentation"`);
  });

  test('a tag that would build an object', () => {
    expect(messageOf('a: !!js/function "x"')).toMatchInlineSnapshot(
      `"m.yaml:1:4: not valid YAML: unknown scalar tag !<tag:yaml.org,2002:js/function>"`,
    );
  });

  test('a YAML bomb: aliases of aliases', () => {
    const lines = Array.from({ length: 9 }, (_, depth) => {
      const items = Array.from({ length: 9 }, () => (depth === 0 ? 'lol' : `*a${depth - 1}`));
      return `a${depth}: &a${depth} [${items.join(', ')}]`;
    });
    expect(messageOf(lines.join('\n'))).toMatchInlineSnapshot(
      `"m.yaml:2:10: aliases (*name) are not read here; write the value out"`,
    );
  });

  test('nesting without end', () => {
    expect(messageOf('['.repeat(1000))).toMatchInlineSnapshot(
      `"m.yaml:1:50: not valid YAML: nesting exceeded maxDepth (50)"`,
    );
  });

  test('more values than anybody writes', () => {
    expect(messageOf(`[${'1,'.repeat(200_000)}]`)).toMatchInlineSnapshot(
      `"m.yaml: 200004 values; at most 100000 are read"`,
    );
  });

  test('a file that is too large', () => {
    expect(messageOf('#'.repeat(1_000_001))).toMatchInlineSnapshot(`"m.yaml: 1000001 bytes; at most 1000000 are read"`);
  });

  test('bytes that are not UTF-8', () => {
    expect(messageOf(new Uint8Array([97, 58, 32, 49, 10, 98, 58, 32, 0xff]))).toMatchInlineSnapshot(
      `"m.yaml:2:4: not UTF-8; save the file as UTF-8"`,
    );
  });

  test('an empty file, and two documents in one', () => {
    expect([messageOf('# nothing\n'), messageOf('a: 1\n---\nb: 2\n')]).toMatchInlineSnapshot(`
      [
        "m.yaml: the file is empty",
        "m.yaml: the file has 2 documents, separated by "---"; one is read: split it into files",
      ]
    `);
  });
});

test('places of values, keys and what is missing', () => {
  const { positions } = readYaml(bytes('a: 1\nb:\n  - { c: "0.20", d: [x, 0.20] }\ne:\n'), 'm.yaml');
  expect({
    value: positions.value(['b', 0, 'c']),
    key: positions.key(['b', 0, 'd']),
    item: positions.value(['b', 0, 'd', 1]),
    written: positions.written(['b', 0, 'd', 1]),
    empty: positions.key(['e']),
    missing: positions.value(['b', 0, 'nothing', 'below']),
  }).toMatchInlineSnapshot(`
    {
      "empty": {
        "column": 1,
        "line": 4,
      },
      "item": {
        "column": 25,
        "line": 3,
      },
      "key": {
        "column": 18,
        "line": 3,
      },
      "missing": {
        "column": 5,
        "line": 3,
      },
      "value": {
        "column": 10,
        "line": 3,
      },
      "written": "0.20",
    }
  `);
});

test('a byte order mark and Windows line ends change nothing', () => {
  const { value, positions } = readYaml(bytes('\uFEFFa: 1\r\nb: 2\r\n'), 'm.yaml');
  expect({ value, place: positions.key(['b']) }).toEqual({ value: { a: 1, b: 2 }, place: { line: 2, column: 1 } });
});

const name = fc.stringMatching(/^[a-z]{1,8}$/);

test('the key of a mapping stands on the line where it was written', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), fc.nat(5), (names, indent) => {
      const pad = ' '.repeat(indent + 1);
      const { positions } = readYaml(bytes(`top:\n${names.map((key) => `${pad}${key}: 1\n`).join('')}`), 'm.yaml');
      const found = names.map((key) => positions.key(['top', key]));
      expect(found).toEqual(names.map((_, index) => ({ line: index + 2, column: pad.length + 1 })));
    }),
    { seed: 42 },
  );
});

test('whatever the text, it is read or refused in one line that names the file', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
      const message = messageOf(text);
      expect(message).toMatch(/^(?:accepted|m\.yaml:[^\n]+)$/);
    }),
    { seed: 42 },
  );
});
