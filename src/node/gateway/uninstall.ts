import type { System } from '../../system/system.js'
import { bridgeAlias } from './ground.js'
import { portPrefix, readPort } from './ports.js'
import { tableName } from './rules.js'
import { bridgeName } from './state.js'

/**
 * Takes away all that the gateway has put on this host, without a daemon.
 * Resolves to what was there. A bridge that somebody else made stays.
 */
export async function uninstallGateway({
  bridges,
  firewall,
}: Pick<System, 'bridges' | 'firewall'>): Promise<readonly string[]> {
  const removed: string[] = []
  for (const port of await bridges.ports(portPrefix)) {
    if (readPort(port) === null) continue
    await bridges.removeLink(port.name)
    removed.push(`interface ${port.name}`)
  }
  const bridge = await bridges.find(bridgeName)
  if (bridge?.alias === bridgeAlias) {
    await bridges.remove(bridgeName)
    removed.push(`bridge ${bridgeName}`)
  }
  if ((await firewall.problem()) !== null) return removed
  if ((await firewall.list(tableName, 'rules')) !== null) {
    await firewall.remove(tableName)
    removed.push(`nftables table inet ${tableName}`)
  }
  return removed
}
