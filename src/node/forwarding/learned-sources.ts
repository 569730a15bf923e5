import type { Vtep } from '../../net/vtep.js'
import { vtepText } from '../../net/vtep.js'

/** As the kernel's vxlan device (drivers/net/vxlan FDB_AGE_DEFAULT). */
const lifetimeMs = 300_000
/** MACs per network; more are not learned, their frames are flooded. */
const limit = 4096

interface Source {
  readonly vtep: Vtep
  readonly expires: number
}

interface Forgotten {
  readonly networkId: string
  readonly mac: string
}

/** MACs seen behind static peers, of which no record tells. */
export class LearnedSources {
  readonly #networks = new Map<string, Map<string, Source>>()

  /** False when that changes nothing. */
  learn(networkId: string, mac: string, vtep: Vtep, now: number): boolean {
    const sources = this.#networks.get(networkId) ?? new Map<string, Source>()
    this.#networks.set(networkId, sources)
    const known = sources.get(mac)
    if (known === undefined && sources.size >= limit) return false
    sources.set(mac, { vtep, expires: now + lifetimeMs })
    return known === undefined || vtepText(known.vtep) !== vtepText(vtep)
  }

  of(networkId: string): ReadonlyMap<string, Vtep> {
    const sources = this.#networks.get(networkId) ?? []
    return new Map([...sources].map(([mac, { vtep }]) => [mac, vtep]))
  }

  vtepOf(networkId: string, mac: string): Vtep | undefined {
    return this.#networks.get(networkId)?.get(mac)?.vtep
  }

  forget(networkId: string): void {
    this.#networks.delete(networkId)
  }

  /** Forgets what is too old; returns it. */
  expire(now: number): Forgotten[] {
    return [...this.#networks].flatMap(([networkId, sources]) => {
      const old = [...sources].filter(([, { expires }]) => expires <= now)
      for (const [mac] of old) sources.delete(mac)
      return old.map(([mac]) => ({ networkId, mac }))
    })
  }
}
