/** A process that may end at any moment, without a last word. */
export class Life {
  #callsLeft = Infinity
  readonly #resolve: () => void
  /** Resolves when it is over. */
  readonly ended: Promise<void>

  constructor() {
    let resolve: () => void = () => undefined
    this.ended = new Promise((settle) => {
      resolve = settle
    })
    this.#resolve = resolve
  }

  get over(): boolean {
    return this.#callsLeft < 0
  }

  /** Whether its end is set. */
  get doomed(): boolean {
    return this.#callsLeft !== Infinity
  }

  /** After so many more calls to the outside; the one after them is not made. */
  endAfter(calls: number): void {
    this.#callsLeft = Math.min(this.#callsLeft, calls)
  }

  end(): void {
    this.#callsLeft = -1
    this.#resolve()
  }

  /** One more call to the outside; false when it is not made any more. */
  step(): boolean {
    if (this.#callsLeft === 0) this.end()
    if (this.over) return false
    this.#callsLeft--
    return true
  }
}

/** What a call answers that never returns, whether it is waited for or called. */
const never: object = Object.assign(() => undefined, {
  then: () => never,
  catch: () => never,
  finally: () => never,
})

/**
 * A port of a process that may be killed: from then on calls do nothing and
 * never return, as nothing goes on in a dead process. What it was about to do
 * next does not happen.
 */
export function mortal<T extends object>(port: T, life: Life): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member === 'function') {
        return (...args: unknown[]): unknown =>
          life.step() ? Reflect.apply(member, target, args) : never
      }
      const isPart = typeof member === 'object' && member !== null
      return isPart && !(member instanceof Map) ? mortal(member, life) : member
    },
  })
}
