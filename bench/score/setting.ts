import { join } from 'node:path';
import * as z from 'zod';
import type { Catalogue } from '../../matrices/catalogue.ts';
import { parseDocument } from '../../matrices/describe-problems.ts';
import { parseMatrix, type Matrix } from '../../matrices/matrix.ts';
import { pinSchema, type PinSpec } from '../../matrices/pin-schema.ts';
import { readDocument } from '../../matrices/read-document.ts';
import { readYaml } from '../../matrices/read-yaml.ts';

/** As in a matrix, whose other fields are the pin's. */
const areaSchema = z.looseObject({ name: z.string() });

const settingSchema = z.strictObject({ asOf: z.string(), pins: z.array(pinSchema).min(1), areas: z.array(areaSchema) });

/** A part of the axes that is covered on every pin. */
export interface Area {
  readonly name: string;
  /** The matrix of one pin. */
  readonly matrixOf: (pin: PinSpec) => Matrix;
}

/** What `npm run score` runs: every area on every pin. */
export interface Setting {
  readonly pins: readonly PinSpec[];
  readonly areas: readonly Area[];
  /** Beside which the committed locks lie, in `locks/`. */
  readonly path: string;
}

/** Also of the folder of its lock: a release may be there with two releases of transformers. */
const nameOf = ({ transformers = 'any' }: PinSpec): string =>
  `score-${transformers.replaceAll(/[^0-9.]+/g, '-').replaceAll(/^-|-$/g, '')}`;

/** Reads `bench/score/setting.yaml`. Throws `InputError`. */
export const loadSetting = async (catalogue: Pick<Catalogue, 'axes' | 'adapters'>): Promise<Setting> => {
  const path = join(import.meta.dirname, 'setting.yaml');
  const { asOf, pins, areas } = parseDocument(settingSchema, await readDocument(path, 'bench/score/setting.yaml'));
  const areaOf = ({ name, ...area }: (typeof areas)[number]): Area => ({
    name,
    matrixOf: (pin) => {
      const file = { version: 1, name: nameOf(pin), asOf, pins: [pin], ...area };
      const document = readYaml(Buffer.from(JSON.stringify(file)), `area ${name} of bench/score/setting.yaml`);
      return parseMatrix(document, catalogue, import.meta.dirname);
    },
  });
  return { pins, areas: areas.map(areaOf), path };
};
