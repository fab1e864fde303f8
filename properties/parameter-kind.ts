/**
 * What a parameter is to its adapter, without where it sits: `lora_B` for
 * `base_model.model.model.layers.0.self_attn.q_proj.lora_B.default.weight`.
 *
 * The same fault must read the same on another layer, on other target modules and on another model, or it could not be
 * shrunk across them.
 */
export const parameterKind = (name: string): string => {
  const segments = name.split('.');
  const adapterName = segments.lastIndexOf('default');
  const owner = segments[adapterName - 1];
  return adapterName > 0 && owner !== undefined ? owner : 'base parameters';
};

/** The kinds of these parameters, each once, sorted, as one phrase. */
export const kindsOf = (names: readonly string[]): string =>
  [...new Set(names.map(parameterKind))].toSorted().join(', ');

/** The first few names, and how many there are: for people. */
export const listNames = (names: readonly string[], limit = 4): string =>
  names.length <= limit ? names.join(', ') : `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
