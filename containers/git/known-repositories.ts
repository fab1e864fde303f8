import { InputError } from '../../matrices/errors.ts';

/** Packages whose repositories are known. */
const knownRepositories: Readonly<Record<string, string>> = {
  peft: 'https://github.com/huggingface/peft',
  transformers: 'https://github.com/huggingface/transformers',
  accelerate: 'https://github.com/huggingface/accelerate',
};

export const packagesWithRepository: readonly string[] = Object.keys(knownRepositories);

/** The URL of a package's repository. Throws `InputError` for one that is not known. */
export const repositoryOf = (name: string): string => {
  const known = knownRepositories[name];
  if (known !== undefined) return known;
  throw new InputError(
    `the repository of ${name} is not known (known: ${packagesWithRepository.join(', ')}): give its URL or path as git`,
  );
};
