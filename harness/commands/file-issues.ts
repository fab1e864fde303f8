import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import { readInput } from '../../matrices/read-document.ts';
import { parseNight, type Night } from '../../reports/night/night-model.ts';
import { oneLine } from '../../reports/text/safe-text.ts';
import { GitHubIssues } from '../issues/github-issues.ts';
import { planIssues, type IssueAction } from '../issues/plan-issues.ts';
import { countOption, print, type Finish } from './command.ts';

interface FileIssuesFlags {
  readonly from: string;
  readonly repo?: string;
  readonly label: string;
  readonly tokenFrom: string;
  readonly api: string;
  readonly limit: number;
  readonly write?: true;
}

/**
 * `peft-matrix file-issues`: reads the record of a night and nothing else. No code of a package runs in its job, so that the
 * token is safe there.
 */
export const fileIssuesCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('file-issues')
    .description(
      'file issues on GitHub for what a night found, and close what it found mended; prints what it would do',
    )
    .requiredOption('--from <file>', 'night.json of a night')
    .option('--repo <owner/name>', 'the repository; without it, nobody is asked which issues there are')
    .option('--write', 'do it')
    .option('--label <name>', 'what issues of ours are found by', 'peft-matrix')
    .option('--token-from <variable>', 'environment variable with the token', 'GITHUB_TOKEN')
    .option('--api <url>', 'of another GitHub', 'https://api.github.com')
    .option('--limit <number>', 'file at most so many issues at once', countOption, 10)
    .action(async (flags: FileIssuesFlags) => {
      await fileIssues(flags);
      finish(0);
    });

const fileIssues = async (flags: FileIssuesFlags): Promise<void> => {
  const { from, limit, write } = flags;
  const night = await nightOf(from);
  const github = connect(flags);
  const planned = planIssues(night, github === undefined ? [] : await github.ours());
  const tooMany = planned.filter(({ kind }) => kind === 'create').slice(limit);
  for (const action of planned.filter((one) => !tooMany.includes(one))) {
    if (write === true) await github?.perform(action);
    print(`${write === true ? '' : 'would '}${describe(action)}`);
  }
  if (tooMany.length > 0) print(`left for the next time: ${tooMany.length} more to file (--limit ${limit})`);
  if (planned.length === 0) print(`nothing to do${night.suspect === undefined ? '' : `: the night is suspect`}`);
};

const nightOf = async (file: string): Promise<Night> => {
  const text = (await readInput(file, `--from ${file}`)).toString('utf8');
  try {
    return parseNight(text);
  } catch (cause) {
    throw new InputError(
      `--from ${file}: not the record of a night, or one that another version has written. Expected the night.json that ` +
        '`nightly --publish` writes',
      { cause },
    );
  }
};

const connect = ({ repo, label, tokenFrom, api, write }: FileIssuesFlags): GitHubIssues | undefined => {
  if (repo === undefined) {
    if (write === true) throw new InputError('--write needs --repo <owner/name>');
    return undefined;
  }
  const [, owner, name] = /^([\w.-]+)\/([\w.-]+)$/.exec(repo) ?? [];
  if (owner === undefined || name === undefined) throw new InputError(`--repo ${repo}: expected owner/name`);
  if (!/^https?:$/.test(URL.parse(api)?.protocol ?? '')) {
    throw new InputError(`--api ${api}: expected a URL such as https://github.example.org/api/v3`);
  }
  const token = process.env[tokenFrom] ?? '';
  if (token === '')
    throw new InputError(
      `There is no token in the environment variable ${tokenFrom}: --repo asks GitHub which issues there are`,
    );
  return new GitHubIssues({
    owner,
    repo: name,
    token,
    baseUrl: api.replace(/\/+$/, ''),
    label,
    onWarning: (message) => process.stderr.write(`${message}\n`),
  });
};

const describe = (action: IssueAction): string => {
  switch (action.kind) {
    case 'create':
      return `create: ${oneLine(action.title, 250)}`;
    case 'comment':
      return `comment on #${action.number}: ${oneLine(action.body.split('\n').slice(2).join(' '), 200)}`;
    case 'close':
    case 'reopen':
      return `${action.kind} #${action.number}`;
  }
};
