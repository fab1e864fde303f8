import { execa } from 'execa';
import * as z from 'zod';
/** Layers, models of tuners, merging, saving and loading; nothing that needs quantised weights. */
const isInScope = (file: string): boolean =>
  /^tuners\/\w+\/(?!config|gptq|awq|aqlm|hqq|eetq|inc|torchao|bnb|tp_layer|te|__)\w+\.py$/.test(file) ||
  /^tuners\/(?:tuners_utils|lycoris_utils|_buffer_dict)\.py$/.test(file) ||
  /^utils\/(?:save_and_load|other|merge_utils|hotswap)\.py$/.test(file) ||
  /^(?:peft_model|mapping_func)\.py$/.test(file);

/** PEFT's package, and its files in which faults are planted. */
export interface Scope {
  /** Its folder. */
  readonly package: string;
  /** Below it, sorted. */
  readonly files: readonly string[];
}

const listing = `
import importlib.util, json, os
package = importlib.util.find_spec("peft").submodule_search_locations[0]
files = [os.path.relpath(os.path.join(folder, name), package) for folder, _, names in os.walk(package) for name in names]
print(json.dumps({"package": package, "files": sorted(files)}))
`;

/** Lists the files of an installed PEFT in which faults are planted, without importing it. */
export const filesInScope = async (python: string): Promise<Scope> => {
  const { stdout } = await execa(python, ['-I', '-c', listing]);
  const { package: folder, files } = z
    .object({ package: z.string(), files: z.array(z.string()) })
    .parse(JSON.parse(stdout));
  return { package: folder, files: files.filter(isInScope) };
};
