import { createHash } from 'node:crypto'
import { keys } from '../../src/store/records.js'
import type { Endpoint, Host, Network } from '../../src/store/records.js'
import type { Json, Store } from '../../src/store/store.js'

/** Endpoints of each host, and of each network. */
const share = 100
const putsPerCommit = 200
const createdAt = '2026-01-01T00:00:00.000Z'

interface Put {
  readonly key: string
  readonly value: Json
}

/** Writes the records of so many endpoints, 100 on each host and network. */
export async function populate(store: Store, endpoints: number): Promise<void> {
  for (const puts of chunks(records(endpoints))) await store.commit({ puts })
}

/** As a daemon writes it; `target` is free for a mark. */
export function endpointPut(index: number, target = '1234'): Put {
  const network = networkId(networkOf(index))
  const endpoint: Endpoint = {
    id: endpointId(index),
    network,
    host: `host${hostOf(index)}`,
    name: `bbox${index}`,
    aliases: [],
    mac: `02:42:0a:${hex(index >> 16)}:${hex(index >> 8)}:${hex(index)}`,
    addresses: [`${addressOf(index)}/24`],
    target,
    netns: `/proc/${10_000 + (index % 20_000)}/ns/net`,
    interface: 'eth0',
    publish: [],
    createdAt,
  }
  return { key: keys.endpoint(network, endpoint.id), value: endpoint }
}

function* records(endpoints: number): Generator<Put> {
  for (let n = 0; n < endpoints / share; n++) {
    const [host, network] = [hostRecord(n), networkRecord(n)]
    yield { key: keys.host(host.name), value: host }
    yield { key: keys.network(network.id), value: network }
    yield {
      key: keys.networkName(network.name),
      value: { network: network.id },
    }
  }
  for (let index = 0; index < endpoints; index++) {
    yield endpointPut(index)
    yield {
      key: keys.address(networkId(networkOf(index)), addressOf(index)),
      value: {
        host: `host${hostOf(index)}`,
        endpoint: endpointId(index),
        name: `bbox${index}`,
      },
    }
  }
}

function hostRecord(n: number): Host {
  return {
    name: `host${n}`,
    address: `172.16.${n >> 8}.${n & 255}`,
    port: 4789,
    version: '0.1.0',
    startedAt: createdAt,
    routes: ['172.16.0.0/16', '192.168.56.0/24'],
  }
}

function networkRecord(n: number): Network {
  return {
    id: networkId(n),
    name: `ov_net${n}`,
    vni: 256 + n,
    subnets: [
      {
        subnet: `10.${n >> 8}.${n & 255}.0/24`,
        gateway: `10.${n >> 8}.${n & 255}.1`,
      },
    ],
    internal: false,
    options: {},
    labels: {},
    createdAt,
    createdBy: 'host0',
  }
}

function* chunks(puts: Iterable<Put>): Generator<Put[]> {
  let chunk: Put[] = []
  for (const put of puts) {
    chunk.push(put)
    if (chunk.length < putsPerCommit) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

const networkOf = (index: number) => Math.floor(index / share)

/** So that the endpoints of a network are on different hosts. */
const hostOf = (index: number) =>
  networkOf(index) - (networkOf(index) % share) + (index % share)

function addressOf(index: number): string {
  const network = networkOf(index)
  return `10.${network >> 8}.${network & 255}.${2 + (index % share)}`
}

const networkId = (n: number) => digest(`network ${n}`)
const endpointId = (index: number) => digest(`endpoint ${index}`)
const hex = (byte: number) => (byte & 255).toString(16).padStart(2, '0')

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
