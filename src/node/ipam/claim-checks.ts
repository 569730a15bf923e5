import { addressOf } from '../../net/cidr.js'
import type { Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Network } from '../../store/records.js'
import type { Facts, Finding } from './finding.js'
import { deletion } from './finding.js'
import { isInside } from './inside.js'

/** Addresses that are kept for nobody, for ever. */
export function* checkClaims(facts: Facts): Iterable<Finding> {
  for (const { value: network } of facts.tables.network.values()) {
    for (const [address, record] of facts.tables.address.of(network.id)) {
      const finding = checkClaim(facts, network, address, record)
      if (finding !== null) yield finding
    }
  }
}

function checkClaim(
  { tables, hosts, live }: Facts,
  network: Network,
  address: string,
  record: Versioned<AddressClaim>,
): Finding | null {
  const { host, endpoint: id, name, released } = record.value
  const place = `${address} of ${network.name}`
  if (!isInside(network, address)) {
    const problem = `${place} is in no subnet of the network`
    return outside(network, address, record, problem)
  }
  if (released !== undefined) return null
  if (!hosts.has(host)) {
    const problem = `${place} is kept for host ${host}, which is gone`
    return unused('claim-of-gone-host', network, address, record, problem)
  }
  // The janitor withdraws the endpoints of a dead host and holds its addresses.
  if (!live.has(host)) return null
  const endpoint = tables.endpoint.of(network.id).get(id)?.value
  if (endpoint?.addresses.map(addressOf).includes(address)) return null
  const holder = name ?? 'a container'
  const problem = `${place} is kept for ${holder} on ${host}, which does not have it`
  return unused('claim-without-endpoint', network, address, record, problem)
}

function outside(
  network: Network,
  address: string,
  { value: { host }, version }: Versioned<AddressClaim>,
  problem: string,
): Finding {
  const key = keys.address(network.id, address)
  return {
    kind: 'claim-outside-subnets',
    key,
    version,
    problem,
    remedy: 'delete the claim',
    about: { network: network.name, address, host },
    repair: deletion(key, version),
  }
}

/** It was in use, so that it goes into quarantine. */
function unused(
  kind: Finding['kind'],
  network: Network,
  address: string,
  { value, version }: Versioned<AddressClaim>,
  problem: string,
): Finding {
  const { host, endpoint, name = '' } = value
  const key = keys.address(network.id, address)
  return {
    kind,
    key,
    version,
    problem,
    remedy: 'give the address back',
    about: { network: network.name, address, host },
    repair: {
      guards: [{ key, version }],
      puts: [{ key, value: { host, endpoint, released: { name } } }],
    },
  }
}
