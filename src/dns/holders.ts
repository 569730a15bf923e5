/**
 * Values under keys that several holders may share: two endpoints with one
 * name, or behind one address. Each holder puts and removes its own value, so
 * that the others' remain when one goes.
 */
export class Holders<Value> {
  readonly #values = new Map<string, Map<string, Value>>()

  /** Replaces the holder's value in place, or adds it as the latest. */
  put(key: string, holder: string, value: Value): void {
    const held = this.#values.get(key)
    if (held === undefined) this.#values.set(key, new Map([[holder, value]]))
    else held.set(holder, value)
  }

  remove(key: string, holder: string): void {
    const held = this.#values.get(key)
    if (held?.delete(holder) === true && held.size === 0) {
      this.#values.delete(key)
    }
  }

  /** In the order the holders came; empty when there are none. */
  values(key: string): readonly Value[] {
    return [...(this.#values.get(key)?.values() ?? [])]
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }
}
