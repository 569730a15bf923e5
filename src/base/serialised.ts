/**
 * One task at a time per key, in the order they came; tasks of different keys
 * do not wait for each other.
 */
export class Serialised {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const mine = before === undefined ? task() : before.then(task)
    // The tail never rejects: whoever is next must run whatever happened.
    const tail = mine.catch(() => undefined)
    this.#tails.set(key, tail)
    try {
      return await mine
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}
