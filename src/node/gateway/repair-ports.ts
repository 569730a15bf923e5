import type { Bridges, PortSetup } from '../../system/system.js'
import type { Ground } from './ground.js'
import type { Places } from './places.js'
import { portPrefix, portSetup } from './ports.js'
import { bridgeName } from './state.js'

/**
 * Puts ports back that have lost the bridge. Containers whose port is gone lose
 * their place, to get another one. Those that come or go just now are left alone.
 */
export async function repairPorts(
  places: Places,
  ground: Ground,
  bridges: Bridges,
  isBusy: (identity: string) => boolean,
): Promise<void> {
  // One that is made while the kernel answers may not be in its answer.
  const settled = places.all().filter(({ identity }) => !isBusy(identity))
  const present = new Map(
    (await bridges.ports(portPrefix)).map((port) => [port.name, port]),
  )
  const stray: PortSetup[] = []
  for (const place of settled) {
    const isSame = places.get(place.identity) === place
    if (!isSame || isBusy(place.identity)) continue
    const setup = portSetup(place, '', ground)
    const port = present.get(setup.name)
    if (port === undefined) places.remove(place.identity)
    else if (port.bridge !== bridgeName || !port.ready) stray.push(setup)
  }
  if (stray.length === 0) return
  await bridges.attachPorts(stray)
  await bridges.openPorts(stray)
}
