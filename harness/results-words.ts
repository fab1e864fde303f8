/** Folder of the results unless `--results` names another. */
export const defaultResults = '.peft-matrix';

/** What a command line needs to find the same results again: ` --results 'my results'`, or nothing for the default. */
export const resultsWords = (path: string): string => (path === defaultResults ? '' : ` --results ${quoted(path)}`);

/** Fit for a shell. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
