import type { Answer } from './answer.ts';

/** What is looked for: the commit that brought a failure, or the one that repaired it. */
export type Find = 'break' | 'fix';

/** Where a commit stands: before the change that is looked for, after it, or nobody knows. */
export type Side = 'before' | 'after' | 'unknown';

/** Asks one commit, by its full hash. Throws what stopped it when it was interrupted. */
export type AskCommit = (hash: string, signal: AbortSignal) => Promise<Answer>;

/** A commit that was asked, and what it answered. */
export interface Asked {
  readonly hash: string;
  readonly answer: Answer;
}

const sideOf = ({ kind }: Answer, find: Find): Side => {
  if (kind === 'skip') return 'unknown';
  return (kind === 'good') === (find === 'break') ? 'before' : 'after';
};

/** Asks every commit once, and remembers. */
export class CommitAsker {
  readonly find: Find;
  readonly #ask: AskCommit;
  readonly #onAnswer: (asked: Asked) => void;
  readonly #signal: AbortSignal;
  readonly #asking = new Map<string, Promise<Answer>>();
  readonly #asked = new Map<string, Asked>();

  constructor(find: Find, ask: AskCommit, onAnswer: (asked: Asked) => void, signal: AbortSignal) {
    this.find = find;
    this.#ask = ask;
    this.#onAnswer = onAnswer;
    this.#signal = signal;
  }

  /** In the order of their answers. */
  get asked(): readonly Asked[] {
    return [...this.#asked.values()];
  }

  /** Its side, if it was asked already. */
  known(hash: string): Side | undefined {
    const asked = this.#asked.get(hash);
    return asked === undefined ? undefined : sideOf(asked.answer, this.find);
  }

  async side(hash: string): Promise<Side> {
    return sideOf(await this.answer(hash), this.find);
  }

  async answer(hash: string): Promise<Answer> {
    this.#signal.throwIfAborted();
    const asking = this.#asking.get(hash) ?? this.#askNow(hash);
    this.#asking.set(hash, asking);
    return asking;
  }

  async #askNow(hash: string): Promise<Answer> {
    const answer = await this.#ask(hash, this.#signal);
    const asked = { hash, answer };
    this.#asked.set(hash, asked);
    this.#onAnswer(asked);
    return answer;
  }
}
