import type { Logger } from '../../base/log.js'
import { nextInterface } from '../../system/link.js'
import type { LinkSetup, Survey, System } from '../../system/system.js'
import type { Place } from './containers.js'
import type { Ground } from './ground.js'
import { addressesOf, portSetup } from './ports.js'
import { hostNumber, numbered } from './ranges.js'

interface PlugParts {
  readonly system: System
  readonly log: Logger
}

/**
 * Gives a container its interface on the bridge, with addresses and default
 * routes. Resolves to its place, which has the name of the interface then; when
 * it rejects nothing is left.
 */
export async function plug(
  place: Place,
  ground: Ground,
  { system, log }: PlugParts,
): Promise<Place> {
  const { path } = place.namespace
  const survey = await system.links.survey(path)
  const named = { ...place, interface: nextInterface(survey.links) }
  const setup = portSetup(named, path, ground)
  const { v4, v6 } = survey.defaultRoutes
  for (const device of new Set([...v4, ...v6])) {
    log.warn(
      { netns: path, interface: device },
      'the container has a default route already; it is left as it is',
    )
  }
  try {
    await system.bridges.plug(setup, insideOf(named, ground, survey))
  } catch (error) {
    await system.bridges.removePort(setup)
    throw error
  }
  return named
}

/** IPv6 may be switched off in the container; then it goes without. */
function insideOf(place: Place, ground: Ground, survey: Survey): LinkSetup {
  const {
    mac,
    mtu,
    netns,
    interface: name,
  } = portSetup(place, place.namespace.path, ground)
  const { hasV6, defaultRoutes } = survey
  const usable = (address: string) => hasV6 || !address.includes(':')
  const isFree = (gateway: string) =>
    (gateway.includes(':') ? defaultRoutes.v6 : defaultRoutes.v4).length === 0
  return {
    ...{ netns, name, mac, mtu },
    addresses: addressesOf(place, ground).filter(usable),
    gateways: ground.subnets
      .map((subnet) => numbered(subnet, hostNumber))
      .filter((gateway) => usable(gateway) && isFree(gateway)),
  }
}
