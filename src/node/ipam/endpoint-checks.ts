import { addressOf } from '../../net/cidr.js'
import type { Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { Endpoint, Network } from '../../store/records.js'
import { isLater } from '../ownership/restoration.js'
import type { Facts, Finding } from './finding.js'
import { deletion } from './finding.js'
import { isInside } from './inside.js'

/** Containers that are gone with their host, or have what is not theirs. */
export function* checkEndpoints(facts: Facts): Iterable<Finding> {
  for (const { value: network } of facts.tables.network.values()) {
    const holders = new Map<string, Versioned<Endpoint>[]>()
    for (const record of facts.tables.endpoint.of(network.id).values()) {
      if (!facts.hosts.has(record.value.host)) {
        yield goneWithHost(network, record)
        continue
      }
      for (const address of record.value.addresses.map(addressOf)) {
        holders.set(address, [...(holders.get(address) ?? []), record])
      }
    }
    for (const [address, rivals] of holders) {
      yield* checkAddress(facts, network, address, rivals)
    }
  }
}

/** One has it rightly: that for which it is kept, else the last connected. */
function* checkAddress(
  { tables }: Facts,
  network: Network,
  address: string,
  rivals: readonly Versioned<Endpoint>[],
): Iterable<Finding> {
  const claim = tables.address.of(network.id).get(address)
  const { endpoint, released } = claim?.value ?? {}
  const isKeptFor = ({ value }: Versioned<Endpoint>) =>
    value.id === endpoint && released === undefined
  const [first, ...others] = [...rivals].sort(
    (a, b) => Number(isKeptFor(b)) - Number(isKeptFor(a)) || byAge(a, b),
  )
  if (first === undefined) return
  for (const other of others) yield shared(network, address, first, other)
  if (!isInside(network, address)) {
    yield outside(network, address, first)
    return
  }
  if (isKeptFor(first)) return
  yield unclaimed(network, address, first, claim?.version ?? null)
}

/** The latest first. */
function byAge(
  { value: a }: Versioned<Endpoint>,
  { value: b }: Versioned<Endpoint>,
): number {
  return isLater(a, b) ? -1 : 1
}

/** What all findings about an endpoint have. */
function base(network: Network, { value, version }: Versioned<Endpoint>) {
  const { id, host, name } = value
  return {
    key: keys.endpoint(network.id, id),
    version,
    about: { network: network.name, endpoint: name, host },
    who: `${name} (${host})`,
  }
}

function goneWithHost(network: Network, record: Versioned<Endpoint>): Finding {
  const { who, ...rest } = base(network, record)
  return {
    ...rest,
    kind: 'endpoint-of-gone-host',
    problem: `${who} of ${network.name} is on a host that is gone`,
    remedy: 'delete the endpoint',
    repair: deletion(rest.key, rest.version),
  }
}

/** Its daemon notices that its record is gone, and isolates the container. */
function shared(
  network: Network,
  address: string,
  first: Versioned<Endpoint>,
  other: Versioned<Endpoint>,
): Finding {
  const { who, about, ...rest } = base(network, other)
  const owner = base(network, first).who
  return {
    ...rest,
    kind: 'address-shared',
    about: { ...about, address },
    problem: `${who} has ${address} of ${network.name}, as ${owner} has`,
    remedy: `delete the endpoint of ${who}; connect it again for another address`,
    repair: deletion(rest.key, rest.version),
  }
}

function outside(
  network: Network,
  address: string,
  record: Versioned<Endpoint>,
): Finding {
  const { who, about, ...rest } = base(network, record)
  const { target, host } = record.value
  return {
    ...rest,
    kind: 'endpoint-outside-subnets',
    about: { ...about, address },
    problem: `${who} has ${address}, which is in no subnet of ${network.name}`,
    remedy: `on ${host}: overtap network disconnect ${network.name} ${target}`,
    repair: null,
  }
}

function unclaimed(
  network: Network,
  address: string,
  record: Versioned<Endpoint>,
  claimVersion: number | null,
): Finding {
  const { who, about, ...rest } = base(network, record)
  const { id: endpoint, host, name } = record.value
  const key = keys.address(network.id, address)
  const { key: own, version } = rest
  return {
    ...rest,
    kind: 'endpoint-without-claim',
    about: { ...about, address },
    problem: `${who} has ${address} of ${network.name}, which is not kept for it`,
    remedy: 'claim the address for it',
    repair: {
      guards: [
        { key: own, version },
        { key, version: claimVersion },
      ],
      puts: [{ key, value: { host, endpoint, name } }],
    },
  }
}
