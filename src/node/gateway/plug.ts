import type { Logger } from '../../base/log.js'
import { addressOf } from '../../net/cidr.js'
import { nextInterface } from '../../system/link.js'
import type { DefaultRoutes, System } from '../../system/system.js'
import type { Place } from './containers.js'
import type { Ground } from './ground.js'
import { addressesOf, portSetup } from './ports.js'
import { hostNumber, numbered } from './ranges.js'

interface PlugParts {
  readonly system: System
  readonly log: Logger
}

/**
 * Gives a container its interface on the bridge, with address and default
 * route. Resolves to its place, which has the name of the interface then; when
 * it rejects nothing is left.
 */
export async function plug(
  place: Place,
  ground: Ground,
  parts: PlugParts,
): Promise<Place> {
  const { links, bridges } = parts.system
  const { path } = place.namespace
  const [present, routes] = await Promise.all([
    links.list(path),
    links.defaultRoutes(path),
  ])
  const named: Place = {
    ...place,
    interface: nextInterface(present.map(({ name }) => name)),
  }
  const setup = portSetup(named, path, ground)
  await bridges.addPort(setup)
  try {
    await configure(named, ground, routes, parts)
    await bridges.openPorts([setup])
  } catch (error) {
    await bridges.removePort(setup)
    throw error
  }
  return named
}

/** IPv6 may be switched off in the container; then it goes without. */
async function configure(
  place: Place,
  ground: Ground,
  routes: DefaultRoutes,
  { system, log }: PlugParts,
): Promise<void> {
  const { path } = place.namespace
  const { mac, mtu } = portSetup(place, path, ground)
  const common = { netns: path, name: place.interface, mac, mtu }
  const addresses = addressesOf(place, ground)
  const setups = ground.subnets.map((subnet, index) => {
    const gateway = numbered(subnet, hostNumber)
    const held = gateway.includes(':') ? routes.v6 : routes.v4
    if (held.length > 0) {
      log.warn(
        { netns: path, interface: held[0] ?? '' },
        'the container has a default route already; it is left as it is',
      )
    }
    return {
      ...common,
      addresses: addresses.slice(index, index + 1),
      gateways: held.length > 0 ? [] : [gateway],
    }
  })
  const [v4, v6] = setups
  if (v4) await system.links.configure(v4)
  if (!v6) return
  await system.links.configure(v6).catch((error: unknown) => {
    log.warn(
      { err: error, netns: path, address: addressOf(v6.addresses[0] ?? '') },
      'the container has no IPv6 to the outside',
    )
  })
}
