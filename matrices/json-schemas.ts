import * as z from 'zod';
import type { Axis } from './axis.ts';
import {
  adaptersFileSchema,
  axesFileSchema,
  knownIssuesFileSchema,
  modelsFileSchema,
  refusalsFileSchema,
  rulesFileSchema,
} from './catalogue-schema.ts';
import { matrixSchema } from './matrix-schema.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Every schema that is published under `schema/`, by its file's name. */
export const publishedSchemas = (axes: readonly Axis[]): Readonly<Record<string, JsonSchema>> => ({
  // For editors: it knows the axes and their values.
  'matrix.json': jsonSchemaOf(matrixSchema(axes), 'Matrix'),
  'axes.json': jsonSchemaOf(axesFileSchema, 'Axes'),
  'adapters.json': jsonSchemaOf(adaptersFileSchema, 'Adapters'),
  'models.json': jsonSchemaOf(modelsFileSchema, 'Models'),
  'rules.json': jsonSchemaOf(rulesFileSchema, 'Rules'),
  'refusals.json': jsonSchemaOf(refusalsFileSchema, 'Refusals'),
  'known-issues.json': jsonSchemaOf(knownIssuesFileSchema, 'Known issues'),
});

/** The text of a published schema's file. */
export const formatJsonSchema = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;

const jsonSchemaOf = (schema: z.ZodType, title: string): JsonSchema =>
  z.toJSONSchema(schema.meta({ title: `${title} of peft-matrix` }), { io: 'input', unrepresentable: 'any' });
