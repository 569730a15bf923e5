import { systemClock, type Clock } from '../../../base/clock.js'
import type { AgentParts } from './ports.js'
import type { DockerNetwork } from './schema.js'

/** Docker asks the driver for a network some time before it lists it. */
const patienceMs = 120_000

/**
 * Networks that Docker asked the driver for and then does not have, as when
 * dockerd was killed in between: nobody will ever name or remove them.
 */
export class LostNetworks {
  readonly #driver: AgentParts['node']['driver']
  readonly #clock: Clock
  /** Since when they have been missing, by their id in Docker. */
  readonly #missing = new Map<string, number>()

  constructor({ node, clock = systemClock }: AgentParts) {
    this.#driver = node.driver
    this.#clock = clock
  }

  /** Gives up those that have been missing for long. */
  async giveUp(local: readonly DockerNetwork[]): Promise<void> {
    const now = this.#clock.monotonic()
    const present = new Set(local.map(({ Id }) => Id))
    const missing = this.#driver
      .networks()
      .filter(({ dockerId, isUnnamed }) => isUnnamed && !present.has(dockerId))
      .map(({ dockerId }) => dockerId)
    for (const dockerId of this.#missing.keys()) {
      if (!missing.includes(dockerId)) this.#missing.delete(dockerId)
    }
    for (const dockerId of missing) {
      const since = this.#missing.get(dockerId) ?? now
      this.#missing.set(dockerId, since)
      if (now - since < patienceMs) continue
      await this.#driver.deleteNetwork(dockerId)
    }
  }
}
