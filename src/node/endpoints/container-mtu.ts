import { errors } from '../../base/errors.js'
import { innerMtu } from '../../net/mtu.js'
import type { Network } from '../../store/records.js'
import { readOptions } from '../network-options.js'
import type { EndpointParts } from './parts.js'

/** RFC 791 and RFC 8200 section 5. */
const minimum = { v4: 68, v6: 1280 } as const

/** The largest IP packet; loopback's MTU is even larger. */
const maxPacket = 65_535

type Parts = Pick<EndpointParts, 'config' | 'vtep' | 'view' | 'system' | 'log'>

/**
 * MTU for containers: frames of this size reach every host in one packet,
 * unless the user has asked for more. Throws MTU_TOO_SMALL.
 */
export async function containerMtu(
  network: Network,
  parts: Parts,
): Promise<number> {
  const { underlayMtu, peers } = readOptions(network.options, parts.config.port)
  const path = await pathMtu(
    peers.map(({ address }) => address),
    parts,
  )
  if (underlayMtu !== undefined && underlayMtu > path) {
    parts.log.warn(
      { network: network.name },
      `the MTU asked for the underlay is ${underlayMtu}, but the way to some host takes ${path}: larger packets are fragmented, or their senders told`,
    )
  }
  const inner = network.subnets.some(({ subnet }) => subnet.includes(':'))
    ? 'v6'
    : 'v4'
  const mtu = innerMtu(underlayMtu ?? path, parts.vtep.address)
  if (mtu < minimum[inner]) throw errors.MTU_TOO_SMALL(mtu, minimum[inner])
  return mtu
}

/** The least of the own device's and of the routes to all who may be peers. */
async function pathMtu(
  staticPeers: readonly string[],
  { vtep, view, system }: Parts,
): Promise<number> {
  const hosts = [...view.hosts.values()].map(({ value }) => value.address)
  const others = new Set([...hosts, ...staticPeers])
  others.delete(vtep.address)
  const routes = await system.routes.to([...others])
  const addresses = await system.routes.addresses()
  const own = addresses.find(({ address }) => address === vtep.address)
  return Math.min(
    maxPacket,
    ...(own === undefined ? [] : [own.mtu]),
    ...routes.map(({ mtu }) => mtu),
  )
}
