/** True for the URL of a git repository, or what ssh takes for one (`user@host:path`); anything else is a path. */
export const isRepositoryUrl = (location: string): boolean =>
  /^(?:https?|ssh|git):\/\/[^-]/.test(location) || /^[\w.]+@[\w.][\w.-]*:/.test(location);
