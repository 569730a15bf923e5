import { z } from 'zod'
import type { Endpoint } from '../../../store/records.js'

/** What Docker's overlay networks look like, and who asks for one. */
const overlayDriver = 'overlay'
const overlayScope = 'global'

/** A request about networks that is not merely passed on. */
export type NetworkCall = 'create' | 'list' | 'inspect'

/** The version of the API in the path is left out by some, as Docker allows. */
const networksPath = /^(?:\/v[0-9.]+)?\/networks(?:\/([^/?]*))?(?:\?|$)/

export function networkCall(
  method: string,
  target: string,
): NetworkCall | undefined {
  const found = networksPath.exec(target)
  if (!found) return undefined
  const [, reference = ''] = found
  if (method === 'POST') return reference === 'create' ? 'create' : undefined
  if (method !== 'GET') return undefined
  return reference === '' ? 'list' : 'inspect'
}

const createSchema = z.looseObject({
  Driver: z.string(),
  IPAM: z.looseObject({ Driver: z.string().nullish() }).nullish(),
  Scope: z.string().nullish(),
  Ingress: z.boolean().nullish(),
  ConfigOnly: z.boolean().nullish(),
  ConfigFrom: z.looseObject({ Network: z.string().nullish() }).nullish(),
})

/**
 * The body of `POST /networks/create` for a network of ours, when an overlay
 * network is asked for that is not clearly Swarm's. All else stays as it is.
 */
export function createBody(body: Buffer, driver: string): Buffer {
  const asked = createSchema.safeParse(parseJson(body))
  if (!asked.success) return body
  const { Driver, IPAM } = asked.data
  const isOverlay = Driver === overlayDriver && !isSwarms(asked.data)
  if (!isOverlay && Driver !== driver) return body
  const isDefault = ['', 'default'].includes(IPAM?.Driver ?? '')
  const ours = {
    ...asked.data,
    Driver: driver,
    ...(isDefault && { IPAM: { ...IPAM, Driver: driver } }),
  }
  return Buffer.from(JSON.stringify(ours))
}

function isSwarms(asked: z.infer<typeof createSchema>): boolean {
  const { Scope, Ingress, ConfigOnly, ConfigFrom } = asked
  const isTemplate = ConfigOnly === true || Boolean(ConfigFrom?.Network)
  return Scope === 'swarm' || Ingress === true || isTemplate
}

export interface Translated {
  /** For Docker. */
  readonly target: string
  /** Of these scopes are the networks that were asked for; any when undefined. */
  readonly scopes?: readonly string[]
}

const filtersSchema = z.record(
  z.string(),
  z.union([
    z.array(z.string()),
    z
      .record(z.string(), z.boolean())
      .transform((values) => Object.keys(values).filter((key) => values[key])),
  ]),
)

/**
 * The target of `GET /networks`: a filter for `overlay` finds ours, too, and one
 * for a scope is left to us, as Docker knows ours by another.
 */
export function listTarget(target: string, driver: string): Translated {
  const [path = '', query = ''] = target.split('?', 2)
  const parameters = new URLSearchParams(query)
  const read = filtersSchema.safeParse(parseJson(parameters.get('filters')))
  if (!read.success) return { target }
  const { scope: scopes, ...filters } = read.data
  const drivers = filters['driver']
  if (drivers?.includes(overlayDriver)) drivers.push(driver)
  const sets = Object.entries(filters).map(([key, values]) => [
    key,
    Object.fromEntries(values.map((value) => [value, true])),
  ])
  parameters.set('filters', JSON.stringify(Object.fromEntries(sets)))
  return {
    target: `${path}?${parameters.toString()}`,
    ...(scopes && { scopes }),
  }
}

/** The target of `GET /networks/{id}`, likewise. */
export function inspectTarget(target: string): string {
  const [path = '', query] = target.split('?', 2)
  if (query === undefined) return target
  const parameters = new URLSearchParams(query)
  if (parameters.get('scope') !== overlayScope) return target
  parameters.set('scope', 'local')
  return `${path}?${parameters.toString()}`
}

/** A network as Docker tells of it; what is not named here stays as it is. */
const networkSchema = z.looseObject({
  Id: z.string(),
  Driver: z.string(),
  Scope: z.string(),
  Containers: z
    .record(z.string(), z.looseObject({ EndpointID: z.string() }))
    .nullish(),
})
export type ShownNetwork = z.infer<typeof networkSchema>

/** What Docker said, when it is a network. */
export function readNetwork(body: Buffer): ShownNetwork | undefined {
  return networkSchema.safeParse(parseJson(body)).data
}

export function readNetworks(body: Buffer): ShownNetwork[] | undefined {
  return z.array(networkSchema).safeParse(parseJson(body)).data
}

/** One of ours is shown as Docker showed those of its overlay driver. */
export function asOverlay<T extends ShownNetwork>(
  network: T,
  driver: string,
): T {
  if (network.Driver !== driver) return network
  return { ...network, Driver: overlayDriver, Scope: overlayScope }
}

/**
 * The network with the endpoints that Docker here has not, as its overlay driver
 * showed those of other hosts (moby 20.10 buildDetailedNetworkResources): the
 * container is not known there, so the row is called by the endpoint.
 */
export function withRemote(
  network: ShownNetwork,
  endpoints: readonly Endpoint[],
): ShownNetwork {
  const rows = Object.values(network.Containers ?? {})
  const here = new Set(rows.map(({ EndpointID }) => EndpointID))
  const remote = endpoints
    .filter(({ id }) => !here.has(id))
    .map((endpoint) => [`ep-${endpoint.id}`, row(endpoint)] as const)
  const Containers = { ...network.Containers, ...Object.fromEntries(remote) }
  return { ...network, Containers }
}

function row({ id, name, mac, addresses }: Endpoint) {
  const isV6 = (address: string) => address.includes(':')
  return {
    Name: name,
    EndpointID: id,
    MacAddress: mac,
    IPv4Address: addresses.find((address) => !isV6(address)) ?? '',
    IPv6Address: addresses.find(isV6) ?? '',
  }
}

function parseJson(text: Buffer | string | null): unknown {
  try {
    return JSON.parse(text?.toString() ?? '')
  } catch {
    return undefined
  }
}
