import { adapterNamed, modelNamed, type Catalogue } from '../matrices/catalogue.ts';
import type { Config } from '../matrices/config.ts';
import type { Subject } from '../properties/property.ts';

/** What the properties may know of a config. */
export const subjectOf = (catalogue: Catalogue, config: Config): Subject => ({
  config,
  adapter: adapterNamed(catalogue, String(config['adapter'])),
  model: modelNamed(catalogue, String(config['model'])),
});
