import { keys } from '../../src/store/records.js'
import type { Network } from '../../src/store/records.js'
import type { Store } from '../../src/store/store.js'

/** A live host without a daemon, which mends nothing by itself. */
const idleHost = 'idle'
const goneHost = 'gone'
const goneNetwork = 'd'.repeat(64)

/** What `plant` makes wrong, once each; `network-gone` is there four times. */
export const plantedKinds = [
  'address-shared',
  'allocation-missing',
  'claim-of-gone-host',
  'claim-outside-subnets',
  'claim-without-endpoint',
  'endpoint-of-gone-host',
  'endpoint-outside-subnets',
  'endpoint-without-claim',
  'member-missing',
  'member-of-gone-host',
  'name-without-network',
  'network-gone',
  'network-gone',
  'network-gone',
  'network-gone',
  'network-without-name',
] as const

/** The only one that takes a person. */
export const unrepairable = 'endpoint-outside-subnets'

/** One of each, in a network of 10.0.0.0/24 and in one without containers. */
export async function plant(
  store: Store,
  network: Pick<Network, 'id'>,
  empty: Pick<Network, 'name'>,
): Promise<void> {
  await store.register({
    host: idleHost,
    owner: idleHost,
    address: '192.168.56.250',
    ttlMs: 3_600_000,
  })
  const { id } = network
  await store.commit({
    puts: [
      claim(id, '10.0.0.50', idleHost, 'e0'),
      claim(id, '10.0.0.51', goneHost, 'e1'),
      claim(id, '10.99.0.5', idleHost, 'e2'),
      endpoint(id, 'e3', idleHost, '10.0.0.53', '03'),
      endpoint(id, 'e4', goneHost, '10.0.0.54', '04'),
      endpoint(id, 'e5', idleHost, '10.98.0.5', '05'),
      endpoint(id, 'e6', idleHost, '10.0.0.56', '06'),
      endpoint(id, 'e7', idleHost, '10.0.0.56', '07'),
      claim(id, '10.0.0.56', idleHost, 'e6'),
      endpoint(goneNetwork, 'e8', idleHost, '10.0.0.58', '08'),
      claim(goneNetwork, '10.0.0.58', idleHost, 'e8'),
      {
        key: keys.dnsRecord(goneNetwork, 'db'),
        value: { network: goneNetwork, name: 'db', addresses: ['192.0.2.7'] },
      },
      member(goneHost, id),
      member(idleHost, goneNetwork),
      { key: keys.networkName('lost'), value: { network: goneNetwork } },
    ],
    deletes: [keys.networkName(empty.name), keys.allocation],
  })
}

/** Of the one that takes a person: as its host would do. */
export function disconnectStray(
  store: Store,
  network: Pick<Network, 'id'>,
): Promise<unknown> {
  const key = keys.endpoint(network.id, endpointId('e5'))
  return store.commit({ deletes: [key] })
}

function claim(network: string, address: string, host: string, label: string) {
  return {
    key: keys.address(network, address),
    value: { host, endpoint: endpointId(label), name: label },
  }
}

function member(host: string, network: string) {
  return { key: keys.member(host, network), value: { network } }
}

/** `second` orders them by age. */
function endpoint(
  network: string,
  label: string,
  host: string,
  address: string,
  second: string,
) {
  const id = endpointId(label)
  const value = {
    id,
    network,
    host,
    name: label,
    aliases: [],
    mac: `02:42:0a:00:00:${second}`,
    addresses: [`${address}/24`],
    target: label,
    netns: `/run/netns/${label}`,
    interface: 'eth0',
    publish: [],
    createdAt: `2026-01-02T03:04:${second}.000Z`,
  }
  return { key: keys.endpoint(network, id), value }
}

function endpointId(label: string): string {
  return label.repeat(32)
}
