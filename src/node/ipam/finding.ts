import type { RecordTables } from '../../store/record-tables.js'
import type { Commit, Revision } from '../../store/store.js'
import type { EventFields } from '../events/event-log.js'

export type FindingKind =
  | 'claim-without-endpoint'
  | 'claim-of-gone-host'
  | 'claim-outside-subnets'
  | 'endpoint-without-claim'
  | 'endpoint-of-gone-host'
  | 'endpoint-outside-subnets'
  | 'address-shared'
  | 'member-missing'
  | 'member-of-gone-host'
  | 'network-gone'
  | 'network-without-name'
  | 'name-without-network'
  | 'allocation-missing'

/** Records that contradict each other, and what would mend it. */
export interface Finding {
  readonly kind: FindingKind
  /** Of the record that is at fault. */
  readonly key: string
  /** Its version; 0 when it is missing. */
  readonly version: number
  readonly problem: string
  /** What a repair does, or what somebody has to do. */
  readonly remedy: string
  readonly about: EventFields
  /** Guarded by the versions that the finding is made from; null: by hand only. */
  readonly repair: Omit<Commit, 'lease'> | null
}

/** What the checks look at: one moment of the store. */
export interface Facts {
  readonly tables: RecordTables
  /** Who is on which network, by key: `member/<host>/<network id>`. */
  readonly members: ReadonlyMap<string, Revision>
  /** Those with a record or a lease. */
  readonly hosts: ReadonlySet<string>
  /** Those whose lease has not expired: the others may come back. */
  readonly live: ReadonlySet<string>
}

/** Deletes exactly what was found. */
export function deletion(key: string, version: number): Finding['repair'] {
  return { guards: [{ key, version }], deletes: [key] }
}
