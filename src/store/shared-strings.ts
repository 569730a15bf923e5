import type { ClusterRecord } from './records.js'

/**
 * Keeps one copy of equal strings. Records are full of the same ids, and each
 * that comes out of JSON is a string of its own: sharing them takes a third off
 * a large table. To be dropped soon, as it keeps all it has seen.
 */
export class SharedStrings {
  readonly #strings = new Map<string, string>()

  /** Changes the record, which nobody else may have yet. */
  shareIn({ kind, value }: ClusterRecord): void {
    if (kind === 'endpoint') {
      value.id = this.#share(value.id)
      value.network = this.#share(value.network)
      value.host = this.#share(value.host)
    } else if (kind === 'address') {
      value.endpoint = this.#share(value.endpoint)
      value.host = this.#share(value.host)
    }
  }

  #share(text: string): string {
    const first = this.#strings.get(text)
    if (first === undefined) this.#strings.set(text, text)
    return first ?? text
  }
}
