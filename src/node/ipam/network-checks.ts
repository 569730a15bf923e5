import type { Config } from '../../base/config.js'
import { firstSubnet } from '../../ipam/subnet-pools.js'
import { keys } from '../../store/records.js'
import type { Network } from '../../store/records.js'
import type { Facts, Finding } from './finding.js'
import { deletion } from './finding.js'

/** Where automatic subnets and VNIs begin. */
export type FirstOfAll = Pick<Config, 'pools' | 'firstVni'>

/** Names and members without a network, and networks without their name. */
export function* checkNetworks(
  facts: Facts,
  first: FirstOfAll,
): Iterable<Finding> {
  yield* checkMembers(facts)
  yield* checkNames(facts)
  for (const { value } of facts.tables.network.values()) {
    yield* checkName(facts, value)
  }
  yield* checkAllocation(facts, first)
}

function* checkMembers({ tables }: Facts): Iterable<Finding> {
  for (const kind of ['endpoint', 'address', 'dns'] as const) {
    for (const id of tables[kind].keys()) {
      const network = id.slice(0, id.indexOf('/'))
      const record = tables[kind].get(id)
      if (record === undefined || tables.network.has(network)) continue
      const key = `${kind}/${id}`
      const what = kind === 'dns' ? 'name' : kind
      yield {
        kind: 'network-gone',
        key,
        version: record.version,
        problem: `${what} ${id.slice(network.length + 1)} is of network ${network.slice(0, 12)}, which is gone`,
        remedy: `delete the ${what}`,
        about: 'host' in record.value ? { host: record.value.host } : {},
        repair: {
          guards: [
            { key, version: record.version },
            { key: keys.network(network), version: null },
          ],
          deletes: [key],
        },
      }
    }
  }
}

function* checkNames({ tables }: Facts): Iterable<Finding> {
  for (const [name, { value, version }] of tables['network-name']) {
    if (tables.network.get(value.network)?.value.name === name) continue
    const key = keys.networkName(name)
    yield {
      kind: 'name-without-network',
      key,
      version,
      problem: `the name ${name} is kept for a network that is gone`,
      remedy: 'delete the name',
      about: { network: name },
      repair: deletion(key, version),
    }
  }
}

function* checkName(
  { tables }: Facts,
  { id, name }: Network,
): Iterable<Finding> {
  const record = tables['network-name'].get(name)
  if (record?.value.network === id) return
  const key = keys.networkName(name)
  const { version = null } = record ?? {}
  const about = {
    kind: 'network-without-name' as const,
    key: keys.network(id),
    version: version ?? 0,
    about: { network: name },
  }
  const other = tables.network.get(record?.value.network ?? '')
  if (other?.value.name === name) {
    yield {
      ...about,
      problem: `network ${id.slice(0, 12)} is called ${name}, as another one is`,
      remedy: `remove one: overtap network rm ${id.slice(0, 12)}`,
      repair: null,
    }
    return
  }
  yield {
    ...about,
    problem: `network ${name} has no record of its name`,
    remedy: 'write the name',
    repair: {
      guards: [{ key, version }],
      puts: [{ key, value: { network: id } }],
    },
  }
}

function* checkAllocation(
  { tables }: Facts,
  { pools, firstVni }: FirstOfAll,
): Iterable<Finding> {
  if (tables.allocation.size > 0 || tables.network.size === 0) return
  const [pool] = pools
  if (pool === undefined) return
  const key = keys.allocation
  const nextPool = firstSubnet([pool])
  yield {
    kind: 'allocation-missing',
    key,
    version: 0,
    problem:
      'the record of where to look for the next VNI and subnet is missing',
    remedy: 'begin again with the first ones',
    about: {},
    repair: {
      guards: [{ key, version: null }],
      puts: [{ key, value: { nextVni: firstVni, nextPool } }],
    },
  }
}
