import assert from 'node:assert/strict'
import { isOvertapError } from '../../../src/base/errors.js'
import { addressOf } from '../../../src/net/cidr.js'
import { macOfIp } from '../../../src/net/mac.js'
import { parseRecord } from '../../../src/store/records.js'
import type {
  AddressClaim,
  ClusterRecord,
  Endpoint,
  Network,
} from '../../../src/store/records.js'
import { containers } from './simulated-host.js'
import type { Process, SimulatedHost } from './simulated-host.js'
import type { World } from './world.js'

/** What lies in the store, by what it is. */
interface Records {
  readonly networks: readonly Network[]
  readonly endpoints: readonly Endpoint[]
  /** Network and address, with who has it. */
  readonly addresses: ReadonlyMap<string, AddressClaim>
  readonly names: ReadonlyMap<string, string>
  /** Keys. */
  readonly members: readonly string[]
}

/** What has to be true of a world at rest. */
export function checkInvariants(world: World): void {
  const records = readRecords(world)
  checkNetworks(records)
  checkAddresses(records)
  checkMembers(world, records)
  for (const host of world.hosts) {
    const { process } = host
    if (!process) throw new Error(`${host.name} does not run`)
    checkAttachments(host, process, records)
    checkForwarding(host, process, records)
    checkGateway(host)
    checkLog(host)
  }
  checkExpectations(world, records)
}

/** Every name leads to its network and back; nothing is used twice. */
function checkNetworks({ networks, names }: Records): void {
  const expected = networks.map(({ name, id }): [string, string] => [name, id])
  assert.deepEqual(new Map(names), new Map(expected))
  assert.equal(new Set(networks.map(({ vni }) => vni)).size, networks.length)
  const subnets = networks.flatMap(({ subnets }) =>
    subnets.map(({ subnet }) => subnet),
  )
  assert.equal(new Set(subnets).size, subnets.length)
}

/** Every address belongs to the endpoint that has it, and to it alone. */
function checkAddresses({ endpoints, addresses }: Records): void {
  const expected = endpoints.flatMap(({ network, id, host, addresses }) =>
    addresses.map((address): [string, string] => [
      `${network}/${addressOf(address)}`,
      `${host} ${id}`,
    ]),
  )
  assert.equal(new Map(expected).size, expected.length, 'used twice')
  const actual = [...addresses].map(
    ([address, { host, endpoint }]): [string, string] => [
      address,
      `${host} ${endpoint}`,
    ],
  )
  assert.deepEqual(sorted(actual), sorted(expected))
}

/** A host is on the networks that it has something on, and on no others. */
function checkMembers({ hosts }: World, { endpoints, members }: Records): void {
  // Those that are isolated have no record.
  const journalled = hosts.flatMap(({ name, journal }) =>
    [...journal.entries.keys()]
      .filter((key) => key.startsWith('endpoint/'))
      .map((key) => `member/${name}/${key.split('/')[1] ?? ''}`),
  )
  const expected = new Set([
    ...endpoints.map(({ host, network }) => `member/${host}/${network}`),
    ...journalled,
  ])
  assert.deepEqual([...members].sort(), [...expected].sort())
}

/** Endpoints, ports of the engine and TAPs in containers are the same. */
function checkAttachments(
  { name, system }: SimulatedHost,
  { engine }: Process,
  { networks, endpoints }: Records,
): void {
  const vnis = new Map(networks.map(({ id, vni }) => [id, vni]))
  const expected = endpoints
    .filter(({ host }) => host === name)
    .map(
      ({ netns, interface: ifname, mac, network }) =>
        `${netns} ${ifname} ${mac} ${vnis.get(network) ?? 'no network'}`,
    )
  const ports = [...engine.ports.values()].map(
    ({ netns, name, mac, vni }) => `${netns} ${name} ${mac} ${vni}`,
  )
  assert.deepEqual(ports.sort(), expected.sort(), `ports of ${name}`)
  const veths = new Set(
    [...system.bridges.present.values()].map(
      ({ setup }) => `${setup.netns} ${setup.interface}`,
    ),
  )
  const taps = containers
    .flatMap((container) =>
      system
        .linksOf(container)
        .map((link) => `/run/netns/${container} ${link}`),
    )
    .filter((link) => !veths.has(link))
  const inUse = [...engine.ports.values()].map(
    ({ netns, name }) => `${netns} ${name}`,
  )
  assert.deepEqual(taps.sort(), inUse.sort(), `TAPs of ${name}`)
}

/** One port per container, bridge and rules when there is any, else nothing. */
function checkGateway({ name, system, journal }: SimulatedHost): void {
  const { bridges, firewall } = system
  const expected = new Set(
    [...journal.entries]
      .filter(([key]) => key.startsWith('endpoint/'))
      .map(([, value]) => (value as { endpoint: Endpoint }).endpoint.netns),
  )
  const ports = [...bridges.present.values()].map(({ setup }) => setup)
  assert.deepEqual(
    ports.map(({ netns }) => netns).sort(),
    [...expected].sort(),
    `who is on the bridge of ${name}`,
  )
  const isThere = expected.size > 0
  assert.equal(bridges.bridges.size, isThere ? 1 : 0, `bridge of ${name}`)
  assert.equal(firewall.tables.size, isThere ? 1 : 0, `rules of ${name}`)
  const rules = firewall.tables.get('overtap') ?? ''
  for (const { mac } of ports) {
    assert.ok(rules.includes(mac), `rules for ${mac} on ${name}`)
  }
}

/** Computed here in the most naive way. */
function checkForwarding(
  { name }: SimulatedHost,
  { engine }: Process,
  { networks, endpoints }: Records,
): void {
  for (const network of networks) {
    const members = endpoints.filter((one) => one.network === network.id)
    const expected = members.some(({ host }) => host === name)
      ? Object.fromEntries<string>([
          [macOfIp(network.subnets[0]?.gateway ?? ''), 'upcall'],
          ...members.map(({ mac, host, netns }): [string, string] => [
            mac,
            host === name ? `port ${netns}` : `peer ${vtepOf(host)}`,
          ]),
        ])
      : undefined
    assert.deepEqual(engine.table(network.vni), expected, name)
  }
}

function vtepOf(host: string): string {
  return `192.168.56.${host.slice('host'.length)}:4789`
}

/** Programming errors end up there too. */
function checkLog({ name, logger }: SimulatedHost): void {
  const broken = logger.lines.filter(
    ({ err }) => err !== undefined && !isOvertapError(err),
  )
  assert.deepEqual(broken, [], `log of ${name}`)
}

/**
 * Whoever was told that a container is connected was told the truth, unless its
 * host was away for so long that its address was given to another.
 */
function checkExpectations(
  { expectations }: World,
  { networks, endpoints }: Records,
): void {
  for (const { host, container, network, address } of expectations.certain()) {
    const id = networks.find(({ name }) => name === network)?.id
    const holder = endpoints.find(
      (one) => one.network === id && one.addresses.includes(address),
    )
    const what = `${container} on ${host} had ${address} in ${network}`
    assert.ok(holder, what)
  }
}

function readRecords({ backend }: World): Records {
  const { entries } = backend.snapshot()
  const records = entries.flatMap(({ key, value }) => {
    const record = parseRecord(key, value)
    return record ? [record] : []
  })
  const of = <K extends ClusterRecord['kind']>(kind: K) =>
    records.filter(
      (record): record is Extract<ClusterRecord, { kind: K }> =>
        record.kind === kind,
    )
  return {
    members: entries.flatMap(({ key }) =>
      key.startsWith('member/') ? key : [],
    ),
    networks: of('network').map(({ value }) => value),
    endpoints: of('endpoint').map(({ value }) => value),
    addresses: new Map(of('address').map(({ id, value }) => [id, value])),
    names: new Map(
      of('network-name').map(({ id, value }) => [id, value.network]),
    ),
  }
}

function sorted<T>(entries: Iterable<[string, T]>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
}
