import { lookup } from 'node:dns/promises'
import type { Config } from '../base/config.js'
import { errors } from '../base/errors.js'
import { canonicalIp, isIp } from '../net/ip.js'
import { parseRedisUrl } from '../store/redis-url.js'
import type { HostAddress, Routes } from '../system/system.js'

/**
 * The address that other hosts send VXLAN to: what `--advertise` says, or else
 * where the route to the store leaves, or else the default route's device, or
 * else the only address there is. ADVERTISE_INVALID, ADVERTISE_UNKNOWN.
 */
export async function advertisedAddress(
  config: Pick<Config, 'advertise' | 'store'>,
  routes: Routes,
): Promise<string> {
  const available = await routes.addresses()
  if (config.advertise !== undefined) {
    return explicitAddress(config.advertise, available)
  }
  const found =
    (await towardsStore(config.store, routes, available)) ??
    addressOn(await routes.defaultDevice(), available) ??
    onlyAddress(available)
  if (found === undefined) {
    throw errors.ADVERTISE_UNKNOWN(available.map(describe))
  }
  return found
}

function explicitAddress(
  text: string,
  available: readonly HostAddress[],
): string {
  const wanted = isIp(text) ? canonicalIp(text) : text
  const found = available.find(
    ({ address, device }) => address === wanted || device === wanted,
  )
  if (found !== undefined) return found.address
  const problem = isIp(text)
    ? 'no interface has this address'
    : 'no interface of this name has an address'
  throw errors.ADVERTISE_INVALID(text, problem, available.map(describe))
}

/** None for a store on this host's loopback: nobody else gets there. */
async function towardsStore(
  store: string | undefined,
  routes: Routes,
  available: readonly HostAddress[],
): Promise<string | undefined> {
  const host = store === undefined ? undefined : parseRedisUrl(store).hosts[0]
  if (host === undefined) return undefined
  const resolved = await lookup(host.host).catch(() => undefined)
  if (resolved === undefined) return undefined
  const [route] = await routes.to([resolved.address])
  return available.find(({ address }) => address === route?.source)?.address
}

function addressOn(
  device: string | undefined,
  available: readonly HostAddress[],
): string | undefined {
  return available.find((one) => one.device === device)?.address
}

function onlyAddress(available: readonly HostAddress[]): string | undefined {
  const [only, second] = available
  return second === undefined ? only?.address : undefined
}

function describe({ address, device }: HostAddress): string {
  return `${address} (${device})`
}
