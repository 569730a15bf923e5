import { z } from 'zod'
import type { Journal } from '../../journal/journal.js'
import type { DriverNetwork } from './use-cases.js'

const schema = z.object({
  dockerId: z.string(),
  network: z.string(),
  isUnnamed: z.boolean(),
  pools: z.array(z.string()),
})

/** With the ids of the pools by which Docker has its subnets. */
export interface MappedNetwork extends DriverNetwork {
  readonly pools: readonly string[]
}

const prefix = 'docker-network/'

/**
 * Which network of the cluster a network of Docker is: in the journal, since
 * Docker tells a driver of its networks once and never again.
 */
export class NetworkMap {
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  all(): MappedNetwork[] {
    const { entries } = this.#journal
    return [...entries]
      .filter(([key]) => key.startsWith(prefix))
      .flatMap(([, value]) => schema.safeParse(value).data ?? [])
  }

  get(dockerId: string): MappedNetwork | undefined {
    return schema.safeParse(this.#journal.entries.get(prefix + dockerId)).data
  }

  /** Whether the network is one of Docker's on this host. */
  has(network: string): boolean {
    return this.all().some((one) => one.network === network)
  }

  put(mapped: MappedNetwork): Promise<void> {
    const value = { ...mapped, pools: [...mapped.pools] }
    return this.#journal.write({
      puts: [{ key: prefix + mapped.dockerId, value }],
    })
  }

  delete(dockerId: string): Promise<void> {
    return this.#journal.write({ deletes: [prefix + dockerId] })
  }
}
