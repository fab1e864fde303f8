import { canonicalJson } from './cell-key.ts';

/** Equal values once, in the order in which they came; elsewhere they are named by their place. */
export class Table<T> {
  readonly items: T[] = [];
  readonly #places = new Map<string, number>();

  /** The place of a value, which is put at the end if it is new. */
  indexOf(item: T): number {
    const key = canonicalJson(item);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}
