import { keys } from '../../store/records.js'
import type { Facts, Finding } from './finding.js'
import { deletion } from './finding.js'

/** Records of who is on which network: too many of them, or too few. */
export function* checkMembers(facts: Facts): Iterable<Finding> {
  for (const [key, version] of facts.members) {
    const [, host = '', network = ''] = key.split('/')
    const what = `${host} is said to be on network ${network.slice(0, 12)}`
    const about = { host }
    const base = { key, version, about, repair: deletion(key, version) }
    const remedy = 'delete the record'
    if (!facts.hosts.has(host)) {
      const problem = `${what}, and is gone`
      yield { ...base, kind: 'member-of-gone-host', problem, remedy }
    } else if (!facts.tables.network.has(network)) {
      const problem = `${what}, which is gone`
      yield { ...base, kind: 'network-gone', problem, remedy }
    }
  }
  yield* checkMissing(facts)
}

/** What it has there would not be found when it is gone. */
function* checkMissing({ tables, hosts, members }: Facts): Iterable<Finding> {
  for (const { value: network } of tables.network.values()) {
    const owners = new Set([
      ...[...tables.endpoint.of(network.id).values()].map(
        ({ value }) => value.host,
      ),
      ...[...tables.address.of(network.id).values()].flatMap(({ value }) =>
        value.released ? [] : value.host,
      ),
    ])
    for (const host of owners) {
      const key = keys.member(host, network.id)
      if (members.has(key) || !hosts.has(host)) continue
      yield {
        kind: 'member-missing',
        key,
        version: 0,
        problem: `${host} has containers or addresses on ${network.name}, and no record says that it is on it`,
        remedy: 'write the record',
        about: { network: network.name, host },
        repair: {
          guards: [{ key, version: null }],
          puts: [{ key, value: { network: network.id } }],
        },
      }
    }
  }
}
