import { z } from 'zod'
import type { Logger } from '../../base/log.js'
import type { Journal, JournalChange } from '../../journal/journal.js'
import { endpointSchema, keys, networkSchema } from '../../store/records.js'
import type { Endpoint, Network } from '../../store/records.js'
import type { KnownPosition } from '../../store/store.js'

/**
 * How a container of this host stands to the network: `attached`, its record
 * belongs into the store; `leaving`, it is being taken off, which goes on after
 * a crash; `isolated`, another container has its address, its link is down.
 */
export type Standing = 'attached' | 'leaving' | 'isolated'

/** A container of this host as the journal has it. */
export interface OwnEndpoint {
  readonly endpoint: Endpoint
  readonly standing: Standing
}

const ownEndpointSchema = z.object({
  endpoint: endpointSchema,
  standing: z.enum(['attached', 'leaving', 'isolated']),
})

const seenSchema = z.object({
  epoch: z.string(),
  revision: z.int(),
  stamp: z.string().optional(),
})

const seenKey = 'store/seen'

/**
 * What this daemon owns, in its journal: its containers, the networks they are
 * on or that were made here, and how far it has seen the store. Writes resolve
 * when they are safe on disk; FILE_UNWRITABLE.
 */
export class OwnRecords {
  readonly #journal: Journal
  readonly #log: Logger

  constructor(journal: Journal, log: Logger) {
    this.#journal = journal
    this.#log = log
  }

  endpoints(): OwnEndpoint[] {
    return this.#all('endpoint/', ownEndpointSchema)
  }

  networks(): Network[] {
    return this.#all('network/', networkSchema)
  }

  network(id: string): Network | undefined {
    return this.#read(keys.network(id), networkSchema)
  }

  /** Where the store was when all that is owned was last found there. */
  seen(): KnownPosition | undefined {
    return this.#read(seenKey, seenSchema)
  }

  has({ network, id }: Endpoint): boolean {
    return this.#journal.entries.has(keys.endpoint(network, id))
  }

  /** Whether a container on the network is still there, even if it is leaving. */
  isOn(network: string): boolean {
    const prefix = `${keys.endpoints(network)}/`
    return [...this.#journal.entries.keys()].some((key) =>
      key.startsWith(prefix),
    )
  }

  /** The container and its network, in one. */
  keep(
    endpoint: Endpoint,
    network: Network,
    standing: Standing = 'attached',
  ): Promise<void> {
    return this.#journal.write({
      puts: [
        { key: keys.network(network.id), value: network },
        {
          key: keys.endpoint(network.id, endpoint.id),
          value: { endpoint, standing },
        },
      ],
    })
  }

  keepNetwork(network: Network): Promise<void> {
    return this.#put(keys.network(network.id), network)
  }

  sawStore({ epoch, revision, stamp }: KnownPosition): Promise<void> {
    return this.#put(seenKey, { epoch, revision, stamp })
  }

  forget({ network, id }: Endpoint): Promise<void> {
    return this.#delete(keys.endpoint(network, id))
  }

  /** Unless something is on it. */
  forgetNetwork(id: string): Promise<void> {
    return this.isOn(id) ? Promise.resolve() : this.#delete(keys.network(id))
  }

  #put(
    key: string,
    value: NonNullable<JournalChange['puts']>[0]['value'],
  ): Promise<void> {
    return this.#journal.write({ puts: [{ key, value }] })
  }

  #delete(key: string): Promise<void> {
    if (!this.#journal.entries.has(key)) return Promise.resolve()
    return this.#journal.write({ deletes: [key] })
  }

  #all<T>(prefix: string, schema: z.ZodType<T>): T[] {
    return [...this.#journal.entries.keys()]
      .filter((key) => key.startsWith(prefix))
      .flatMap((key) => this.#read(key, schema) ?? [])
  }

  #read<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const value = this.#journal.entries.get(key)
    if (value === undefined) return undefined
    const result = schema.safeParse(value)
    if (!result.success) {
      this.#log.error(
        { err: result.error, option: key },
        'an entry of the journal cannot be read; it counts for nothing',
      )
    }
    return result.data
  }
}
