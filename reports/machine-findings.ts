import * as z from 'zod';
import type { DeepReadonly } from './deep-readonly.ts';

const findingSchema = z.strictObject({
  id: z.string().describe('What was looked at: `node`, `memory`, `index`, ...'),
  title: z.string(),
  status: z
    .enum(['ok', 'warning', 'problem'])
    .describe('`problem`: a default run is not possible. `warning`: it is, but something is missing or tight.'),
  says: z.string().describe('What is there, in plain words; may have several lines.'),
  remedy: z.string().optional().describe('What to do about it.'),
});
/** One thing that `doctor` looked at. */
export type Finding = DeepReadonly<z.infer<typeof findingSchema>>;

const doctorSchema = z.strictObject({
  version: z.literal(1),
  ready: z.boolean().describe('Whether a default run is possible.'),
  findings: z.array(findingSchema),
});

/** Whether a default run is possible here. */
export const isReady = (findings: readonly Finding[]): boolean => findings.every(({ status }) => status !== 'problem');

/** Exit code of `doctor`: 0 when a default run is possible, else 3. */
export const doctorExitCode = (findings: readonly Finding[]): 0 | 3 => (isReady(findings) ? 0 : 3);

/** The findings as JSON, as `reports/schema/doctor.json` describes it. */
export const formatDoctorJson = (findings: readonly Finding[]): string =>
  `${JSON.stringify(doctorSchema.parse({ version: 1, ready: isReady(findings), findings }), undefined, 2)}\n`;

/** JSON Schema of `doctor --json`, as published in `reports/schema/doctor.json`. */
export const doctorJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix doctor',
  ...z.toJSONSchema(doctorSchema),
});
