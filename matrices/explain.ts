import type { Adapter, AdapterOption, Model } from './adapter.ts';
import type { Rule } from './axis.ts';
import { adapterNamed, modelNamed, type Catalogue } from './catalogue.ts';
import { matchesCondition } from './condition.ts';
import type { AxisValue, Config } from './config.ts';
import type { Capabilities } from './pin.ts';
import { argumentNames, isOffered, meaningOf } from './resolve-adapter.ts';
import { matchesVersions } from './versions.ts';

/** Whether a config can be run in an environment, and if not, why. */
export type Feasibility =
  | { readonly kind: 'feasible' }
  | {
      readonly kind: 'unsupported' | 'skipped';
      /** In plain words, for the report. */
      readonly because: string;
      /** Id of the rule in `rules.yaml`, or `adapter:NAME`, `option:NAME` for what their `since` and `until` say. */
      readonly rule: string;
    }
  /** The data promise it for this release and it is not there: a failure, not a fact to shrug at. */
  | { readonly kind: 'removed'; readonly what: string; readonly because: string };

/**
 * Says whether a normalised config can be run in an environment that reported `capabilities` at its handshake.
 *
 * It reads no more of the config than it needs: proving that a combination is impossible costs by the axes that are read.
 *
 * @throws InputError when the config names an adapter or a model that the catalogue does not have.
 */
export const explain = (catalogue: Catalogue, config: Config, capabilities: Capabilities): Feasibility => {
  const adapter = adapterNamed(catalogue, String(config['adapter']));
  const rule = catalogue.rules.find((candidate) => excludes(candidate, config, capabilities));
  return (
    notOffered(adapter, config, capabilities) ??
    withoutMeaning(catalogue, adapter, modelNamed(catalogue, String(config['model'])), config) ??
    (rule === undefined ? undefined : { kind: rule.verdict, because: rule.because, rule: rule.id }) ??
    removed(catalogue, adapter, config, capabilities) ?? { kind: 'feasible' }
  );
};

const notOffered = (adapter: Adapter, config: Config, { versions }: Capabilities): Feasibility | undefined => {
  if (!isOffered(adapter, versions)) {
    return { kind: 'unsupported', because: `${adapter.name} ${lifetime(adapter)}`, rule: `adapter:${adapter.name}` };
  }
  const option = adapter.options.find(
    (candidate) => !isOffered(candidate, versions) && config[candidate.name] !== candidate.values[0],
  );
  if (option !== undefined) {
    return { kind: 'unsupported', because: `${option.name} ${lifetime(option)}`, rule: `option:${option.name}` };
  }
  return adapter.options
    .map((candidate) => valueNotOffered(candidate, config, versions))
    .find((reason) => reason !== undefined);
};

const valueNotOffered = (
  { name, releases = {} }: AdapterOption,
  config: Config,
  versions: Capabilities['versions'],
): Feasibility | undefined => {
  if (Object.values(releases).every((release) => isOffered(release, versions))) return undefined;
  const release = releases[String(config[name])];
  if (release === undefined || isOffered(release, versions)) return undefined;
  const because = `${name}=${config[name]} ${lifetime(release)}`;
  return { kind: 'unsupported', because, rule: `option:${name}` };
};

/** The model has nothing that a value could stand for, and the option means the same on no model. */
const withoutMeaning = (
  { axes }: Catalogue,
  { options }: Adapter,
  model: Model,
  config: Config,
): Feasibility | undefined => {
  const axis = axes.find(({ name, ofModel, values }) => {
    if (ofModel !== true) return false;
    const option = options.find((candidate) => candidate.name === name);
    const isUnknown = (value: AxisValue): boolean =>
      meaningOf(model, name, value) === undefined && option?.means?.[String(value)] === undefined;
    if (!values.some(isUnknown)) return false;
    const value = config[name];
    return value !== undefined && isUnknown(value);
  });
  if (axis === undefined) return undefined;
  const because = `model ${model.name} has nothing that ${axis.name}=${config[axis.name]} could stand for`;
  return { kind: 'skipped', because, rule: `model:${model.name}` };
};

const lifetime = ({ since, until }: Pick<Adapter, 'since' | 'until'>): string => {
  const parts = [since && `is there since PEFT ${since}`, until && `is gone since PEFT ${until}`];
  return parts.filter((part) => part !== undefined).join(' and ');
};

const excludes = (rule: Rule, config: Config, capabilities: Capabilities): boolean =>
  matchesVersions(rule.versions ?? {}, capabilities.versions) &&
  (rule.device === undefined || rule.device === capabilities.device) &&
  (rule.lacks === undefined || isLacking(rule.lacks, capabilities)) &&
  matchesCondition(rule.when, config);

const isLacking = (lacks: NonNullable<Rule['lacks']>, { dtypes, shardings, devices }: Capabilities): boolean =>
  (lacks.dtype === undefined || !dtypes.includes(lacks.dtype)) &&
  (lacks.sharding === undefined || !shardings.includes(lacks.sharding)) &&
  (lacks.devices === undefined || devices < lacks.devices);

const removed = (
  catalogue: Catalogue,
  adapter: Adapter,
  config: Config,
  { versions, configClasses }: Capabilities,
): Feasibility | undefined => {
  const model = modelNamed(catalogue, String(config['model']));
  if (adapter.configClass === null) return undefined;
  const fields = configClasses[adapter.configClass];
  const missing = argumentNames(adapter, model, config, versions).find((name) => fields?.includes(name) !== true);
  if (fields !== undefined && missing === undefined) return undefined;
  const what = fields === undefined ? `peft.${adapter.configClass}` : `peft.${adapter.configClass}(${missing})`;
  return { kind: 'removed', what, because: `PEFT ${versions['peft']} is expected to have ${what} and does not` };
};
