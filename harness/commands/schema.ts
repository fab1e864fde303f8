import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { InputError } from '../../matrices/errors.ts';
import { publishedSchemas } from '../../matrices/json-schemas.ts';
import { diffJsonSchema } from '../../reports/diff/diff-model.ts';
import { bisectJsonSchema } from '../../reports/bisect-model.ts';
import { eventJsonSchema } from '../../reports/events.ts';
import { doctorJsonSchema } from '../../reports/machine-findings.ts';
import { nightJsonSchema } from '../../reports/night/night-model.ts';
import { reportJsonSchema } from '../../reports/report-model.ts';
import { supportMatrixJsonSchema } from '../../reports/support-matrix/support-matrix-model.ts';
import { verdictsJsonSchema } from '../../reports/verdicts-model.ts';
import { print } from './command.ts';

/** `peft-matrix schema [NAME]`: the JSON Schema of a file that we read or write. */
export const schemaCommand = (): CommandUnknownOpts =>
  new Command('schema')
    .description('print the JSON Schema of a file that peft-matrix reads or writes')
    .argument('[name]', 'which one; without it, the names')
    .action(async (name) => {
      const schemas: Readonly<Record<string, unknown>> = {
        ...publishedSchemas((await loadCatalogue()).axes),
        'report.json': reportJsonSchema(),
        'event.json': eventJsonSchema(),
        'doctor.json': doctorJsonSchema(),
        'verdicts.json': verdictsJsonSchema(),
        'support-matrix.json': supportMatrixJsonSchema(),
        'diff.json': diffJsonSchema(),
        'bisect.json': bisectJsonSchema(),
        'night.json': nightJsonSchema(),
      };
      const names = Object.keys(schemas).map((file) => file.replace(/\.json$/, ''));
      if (name === undefined) return print(names.join('\n'));
      const schema = schemas[`${name}.json`];
      if (schema === undefined) throw new InputError(`schema ${name}: not known. Allowed: ${names.join(', ')}`);
      print(JSON.stringify(schema, null, 2));
    });
