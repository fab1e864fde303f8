import type { Adapter, Model } from './adapter.ts';
import type { Axis, Rule } from './axis.ts';
import { adapterNamed, modelNamed, type Catalogue } from './catalogue.ts';
import { matchesCondition } from './condition.ts';
import type { AxisValue, Config } from './config.ts';
import { type Lifetime, type Offer, offerOf } from './offer.ts';
import type { Capabilities } from './pin.ts';
import { argumentNames, meaningOf } from './resolve-adapter.ts';
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

/** Says whether a normalised config can be run in one environment, and if not, why. */
export type Explain = (config: Config) => Feasibility;

/**
 * Explains configs for the environment that reported `capabilities` at its handshake.
 *
 * What the environment decides by itself is decided once: a plan asks of many thousand configs. Of a config it reads no
 * more than it needs: proving that a combination is impossible costs by the axes that are read.
 *
 * @returns a function that throws InputError for an adapter or a model that the catalogue does not have.
 */
export const explainer = (catalogue: Catalogue, capabilities: Capabilities): Explain => {
  const rules = catalogue.rules.filter((rule) => concerns(rule, capabilities));
  const axesOfModels = catalogue.axes.filter(({ ofModel }) => ofModel === true);
  const offers = new Map<Adapter, Offer>();
  return (config) => {
    const adapter = adapterNamed(catalogue, String(config['adapter']));
    const offer = offers.get(adapter) ?? offerOf(adapter, capabilities.versions);
    offers.set(adapter, offer);
    const rule = rules.find(({ when }) => matchesCondition(when, config));
    const reason = notOffered(offer, config);
    if (reason !== undefined) return reason;
    const model = modelNamed(catalogue, String(config['model']));
    return (
      withoutMeaning(axesOfModels, adapter, model, config) ??
      (rule === undefined ? undefined : { kind: rule.verdict, because: rule.because, rule: rule.id }) ??
      removed(offer, model, config, capabilities) ?? { kind: 'feasible' }
    );
  };
};

/** Explains one config; for many, see {@link explainer}. */
export const explain = (catalogue: Catalogue, config: Config, capabilities: Capabilities): Feasibility =>
  explainer(catalogue, capabilities)(config);

const notOffered = ({ adapter, isOffered, missing, incomplete }: Offer, config: Config): Feasibility | undefined => {
  if (!isOffered) {
    return { kind: 'unsupported', because: `${adapter.name} ${lifetime(adapter)}`, rule: `adapter:${adapter.name}` };
  }
  const option = missing.find(({ name, values }) => config[name] !== values[0]);
  if (option !== undefined) {
    return { kind: 'unsupported', because: `${option.name} ${lifetime(option)}`, rule: `option:${option.name}` };
  }
  for (const { name, missing: values } of incomplete) {
    const value = config[name];
    const release = values.get(String(value));
    if (release !== undefined) {
      return { kind: 'unsupported', because: `${name}=${value} ${lifetime(release)}`, rule: `option:${name}` };
    }
  }
  return undefined;
};

/** The model has nothing that a value could stand for, and the option means the same on no model. */
const withoutMeaning = (
  axesOfModels: readonly Axis[],
  { options }: Adapter,
  model: Model,
  config: Config,
): Feasibility | undefined => {
  const axis = axesOfModels.find(({ name, values }) => {
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

const lifetime = ({ since, until }: Lifetime): string => {
  const parts = [since && `is there since PEFT ${since}`, until && `is gone since PEFT ${until}`];
  return parts.filter((part) => part !== undefined).join(' and ');
};

/** Whether the rule excludes anything in the environment. */
const concerns = (rule: Rule, capabilities: Capabilities): boolean =>
  matchesVersions(rule.versions ?? {}, capabilities.versions) &&
  (rule.device === undefined || rule.device === capabilities.device) &&
  (rule.lacks === undefined || isLacking(rule.lacks, capabilities));

const isLacking = (
  lacks: NonNullable<Rule['lacks']>,
  { dtypes, lstmDtypes, shardings, devices }: Capabilities,
): boolean =>
  (lacks.dtype === undefined || !dtypes.includes(lacks.dtype)) &&
  (lacks.lstmDtype === undefined || !lstmDtypes.includes(lacks.lstmDtype)) &&
  (lacks.sharding === undefined || !shardings.includes(lacks.sharding)) &&
  (lacks.devices === undefined || devices < lacks.devices);

const removed = (
  offer: Offer,
  model: Model,
  config: Config,
  { versions, configClasses }: Capabilities,
): Feasibility | undefined => {
  const { configClass } = offer.adapter;
  if (configClass === null) return undefined;
  const fields = configClasses[configClass];
  const missing = argumentNames(offer, model, config).find((name) => fields?.includes(name) !== true);
  if (fields !== undefined && missing === undefined) return undefined;
  const what = fields === undefined ? `peft.${configClass}` : `peft.${configClass}(${missing})`;
  return { kind: 'removed', what, because: `PEFT ${versions['peft']} is expected to have ${what} and does not` };
};
