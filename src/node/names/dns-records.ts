import { errors } from '../../base/errors.js'
import type { Logger } from '../../base/log.js'
import { canonicalIp, isIp } from '../../net/ip.js'
import type { ClusterView, Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { DnsRecord, Network } from '../../store/records.js'
import { findNetworkNow } from '../network-lookup.js'
import type { RecordWriter } from '../record-writer.js'
import type { Rows } from '../rows.js'
import { recordName } from './record-name.js'

/** Of one name. */
export const MAX_ADDRESSES = 64
/** Of one network. */
export const MAX_RECORDS = 1024

export interface DnsRecordsParts {
  readonly view: ClusterView
  readonly rows: Rows
  readonly writer: RecordWriter
  readonly log: Logger
}

type Present = Versioned<DnsRecord> | undefined

/** Names that somebody gives by hand, on networks this host need not be on. */
export class DnsRecords {
  readonly #parts: DnsRecordsParts

  constructor(parts: DnsRecordsParts) {
    this.#parts = parts
  }

  /**
   * Adds to the addresses that the name has. DNS_NAME_INVALID,
   * DNS_ADDRESS_INVALID, DNS_RECORDS_EXHAUSTED, NETWORK_NOT_FOUND.
   */
  async add(
    reference: string,
    text: string,
    addresses: readonly string[],
  ): Promise<DnsRecord> {
    const name = recordName(text)
    const added = addresses.map(canonical)
    return this.#parts.writer.retrying(async () => {
      const network = await this.#find(reference)
      const { id } = network.value
      const all = await this.#recordsOf(id)
      const present = all.get(name)
      if (present === undefined && all.size >= MAX_RECORDS) {
        throw errors.DNS_RECORDS_EXHAUSTED(
          `records of ${network.value.name}`,
          MAX_RECORDS,
        )
      }
      const record = {
        network: id,
        name,
        addresses: united(name, present, added),
      }
      await this.#write(network, record, present)
      return record
    })
  }

  /**
   * Takes addresses away, all of them when none is named; returns what is left.
   * DNS_RECORD_NOT_FOUND, NETWORK_NOT_FOUND.
   */
  async remove(
    reference: string,
    text: string,
    addresses: readonly string[],
  ): Promise<DnsRecord | null> {
    const name = recordName(text)
    const removed = addresses.map(canonical)
    return this.#parts.writer.retrying(async () => {
      const network = await this.#find(reference)
      const present = (await this.#recordsOf(network.value.id)).get(name)
      const had = present?.value.addresses ?? []
      const missing = removed.some((one) => !had.includes(one))
      if (present === undefined || missing) {
        throw errors.DNS_RECORD_NOT_FOUND(name, network.value.name)
      }
      const left = had.filter((one) => !removed.includes(one))
      const goes = left.length === 0 || removed.length === 0
      if (goes) await this.#delete(present)
      else
        await this.#write(
          network,
          { ...present.value, addresses: left },
          present,
        )
      return goes ? null : { ...present.value, addresses: left }
    })
  }

  #find(reference: string): Promise<Versioned<Network>> {
    const { view, writer } = this.#parts
    return findNetworkNow(view, () => writer.catchUp(), reference)
  }

  /** As they are in the store: the copy may be of another moment. */
  async #recordsOf(network: string) {
    const { rows } = this.#parts
    return (await rows.read([network])).dnsRecords(network)
  }

  async #write(
    network: Versioned<Network>,
    record: DnsRecord,
    present: Present,
  ): Promise<void> {
    const { id, name } = network.value
    const key = keys.dnsRecord(id, record.name)
    await this.#parts.writer.commit({
      guards: [
        { key: keys.network(id), version: network.version },
        { key, version: present?.version ?? null },
      ],
      puts: [{ key, value: record }],
    })
    const what = `${record.name} is ${record.addresses.join(', ')}`
    this.#parts.log.info({ network: name }, `name given by hand: ${what}`)
  }

  async #delete({ value, version }: Versioned<DnsRecord>): Promise<void> {
    const key = keys.dnsRecord(value.network, value.name)
    await this.#parts.writer.commit({
      guards: [{ key, version }],
      deletes: [key],
    })
    this.#parts.log.info({}, `name taken away: ${value.name}`)
  }
}

/** Throws DNS_RECORDS_EXHAUSTED. */
function united(
  name: string,
  present: Present,
  added: readonly string[],
): string[] {
  const all = [...new Set([...(present?.value.addresses ?? []), ...added])]
  if (all.length <= MAX_ADDRESSES) return all
  throw errors.DNS_RECORDS_EXHAUSTED(`addresses of ${name}`, MAX_ADDRESSES)
}

function canonical(address: string): string {
  if (!isIp(address)) throw errors.DNS_ADDRESS_INVALID(address)
  return canonicalIp(address)
}
