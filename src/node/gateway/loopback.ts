import type { Sysctls } from '../../system/system.js'
import type { GatewayState } from './state.js'

/**
 * Lets the host reach published ports from its loopback address: what it sends
 * from there leaves by the bridge, and answers come back. The rules keep
 * containers from the same (`publishRules`).
 */
export async function keepLoopback(
  sysctls: Sysctls,
  { bridge, containers }: GatewayState,
): Promise<void> {
  const name = `net/ipv4/conf/${bridge}/route_localnet`
  const wanted = containers.some(({ publish }) => publish.length > 0)
    ? '1'
    : '0'
  const present = await sysctls.get(name)
  if (present === null || present === wanted) return
  await sysctls.set(name, wanted)
}
