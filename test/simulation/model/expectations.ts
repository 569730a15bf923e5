/** A container on a host and a network it may be on. */
export interface Place {
  readonly host: string
  readonly container: string
  readonly network: string
}

interface Expectation {
  readonly place: Place
  /** With prefix length; undefined: it may or may not be connected. */
  address: string | undefined
  /** Grows with all that happens there. */
  events: number
}

export interface Attempt {
  /** What was certain until now. */
  readonly before: string | undefined
  /** Says what is certain now; counts when nothing else began meanwhile. */
  end(address: string | undefined): void
}

/**
 * What users were told: a container that was connected stays so, with its
 * address, until somebody disconnects it or it ends. What nobody was told for
 * certain, because it was interrupted or others interfered, is left open.
 */
export class Expectations {
  readonly #byPlace = new Map<string, Expectation>()

  /** Of what is certain, containers with their addresses. */
  certain(): (Place & { readonly address: string })[] {
    return [...this.#byPlace.values()].flatMap(({ place, address }) =>
      address === undefined ? [] : [{ ...place, address }],
    )
  }

  /** Something begins that changes the place. */
  begin(place: Place): Attempt {
    const expectation = this.#at(place)
    const event = ++expectation.events
    const before = expectation.address
    expectation.address = undefined
    return {
      before,
      end: (address) => {
        if (expectation.events === event) expectation.address = address
      },
    }
  }

  /** From now on nothing is certain about the places that match. */
  forget(match: Partial<Place>): void {
    for (const expectation of this.#byPlace.values()) {
      const { place } = expectation
      const names = Object.keys(match) as (keyof Place)[]
      if (!names.every((name) => place[name] === match[name])) continue
      expectation.events++
      expectation.address = undefined
    }
  }

  #at(place: Place): Expectation {
    const key = `${place.host} ${place.container} ${place.network}`
    const present = this.#byPlace.get(key)
    if (present) return present
    const expectation = { place, address: undefined, events: 0 }
    this.#byPlace.set(key, expectation)
    return expectation
  }
}
