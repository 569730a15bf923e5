const MOST = 1024
const MOST_PER_CONTAINER = 64

/** How many questions wait for upstreams, in all and of each container. */
export class Waiting {
  readonly #byContainer = new Map<string, number>()
  #total = 0

  /** False, and not counted, when there are as many as there may be. */
  enter(container: string): boolean {
    const own = this.#byContainer.get(container) ?? 0
    if (this.#total >= MOST || own >= MOST_PER_CONTAINER) return false
    this.#byContainer.set(container, own + 1)
    this.#total++
    return true
  }

  leave(container: string): void {
    const left = (this.#byContainer.get(container) ?? 0) - 1
    if (left > 0) this.#byContainer.set(container, left)
    else this.#byContainer.delete(container)
    this.#total--
  }

  get total(): number {
    return this.#total
  }
}
