import type { Clock } from '../../base/clock.js'
import type { Config } from '../../base/config.js'
import type { Logger } from '../../base/log.js'
import { readTables } from '../../store/read-tables.js'
import { keys } from '../../store/records.js'
import type { Store } from '../../store/store.js'
import { checkClaims } from './claim-checks.js'
import { checkEndpoints } from './endpoint-checks.js'
import type { Facts, Finding } from './finding.js'
import { checkMembers } from './member-checks.js'
import { checkNetworks } from './network-checks.js'

/**
 * A connect claims an address before it writes its endpoint, and a disconnect
 * deletes the endpoint first: what is still the same after so long is neither,
 * milliseconds.
 */
const graceMs = 2000

export interface ConsistencyParts {
  readonly config: Pick<Config, 'pools' | 'firstVni'>
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
}

/** What contradicts itself in the store, and did so a moment ago already. */
export async function findInconsistencies(
  parts: ConsistencyParts,
): Promise<Finding[]> {
  const first = await look(parts)
  if (first.length === 0) return []
  await new Promise<void>((resolve) => {
    parts.clock.after(graceMs, resolve)
  })
  const before = new Set(first.map(identity))
  return (await look(parts)).filter((finding) => before.has(identity(finding)))
}

function identity({ kind, key, version, about }: Finding): string {
  return JSON.stringify([kind, key, version, about.address])
}

/** The store itself is asked: the daemon's copy might be what is wrong. */
async function look(parts: ConsistencyParts): Promise<Finding[]> {
  const { config, store, log } = parts
  const facts = await readFacts(store, log)
  return [
    ...checkNetworks(facts, config),
    ...checkMembers(facts),
    ...checkEndpoints(facts),
    ...checkClaims(facts),
  ]
}

async function readFacts(store: Store, log: Logger): Promise<Facts> {
  const leases = await store.leases()
  const { entries } = await store.snapshot()
  const tables = readTables(entries, log)
  const members = new Map(
    entries
      .filter(({ key }) => key.startsWith(keys.members('')))
      .map(({ key, version }) => [key, version]),
  )
  const hosts = new Set([
    ...tables.host.keys(),
    ...leases.map(({ host }) => host),
  ])
  const live = leases.filter(({ remainingMs }) => remainingMs > 0)
  return { tables, members, hosts, live: new Set(live.map(({ host }) => host)) }
}
