import { adapterNamed, modelNamed, type Catalogue } from '../matrices/catalogue.ts';
import type { Config } from '../matrices/config.ts';
import type { Versions } from '../matrices/pin.ts';
import { adapterAsOf } from '../matrices/resolve-adapter.ts';
import type { Subject } from '../properties/property.ts';

/** What the properties may know of a config on the installed versions. */
export const subjectOf = (catalogue: Catalogue, config: Config, versions: Versions): Subject => {
  const model = modelNamed(catalogue, String(config['model']));
  const adapter = adapterNamed(catalogue, String(config['adapter']));
  return { config, adapter: adapterAsOf(adapter, model, config, versions), model };
};
