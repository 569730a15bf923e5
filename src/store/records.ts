import { z } from 'zod'

/**
 * The records all daemons share. Parsing is validating: what comes out of the
 * store is untrusted until `parseRecord` has accepted it.
 */

const mac = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
const ip = z.union([z.ipv4(), z.ipv6()])
const cidr = z.union([z.cidrv4(), z.cidrv6()])
const timestamp = z.iso.datetime()
const strings = z.record(z.string(), z.string())

/** A host that runs a daemon: `host/<name>`. */
export const hostSchema = z.object({
  name: z.string().min(1),
  /** Its VTEP: where peers send VXLAN. */
  address: ip,
  port: z.int().min(1).max(65535),
  version: z.string(),
  startedAt: timestamp,
  /** Prefixes this host routes elsewhere; no subnet may overlap them. */
  routes: z.array(cidr),
})
export type Host = z.infer<typeof hostSchema>

export const subnetSchema = z.object({
  subnet: cidr,
  gateway: ip,
  ipRange: cidr.optional(),
  /** Not for containers: name -> address. */
  auxAddresses: z.record(z.string(), ip).optional(),
})
export type Subnet = z.infer<typeof subnetSchema>

/** `network/<id>`; the id is 64 hexadecimal digits, as Docker's. */
export const networkSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().min(1),
  vni: z.int().min(1).max(0xffffff),
  subnets: z.array(subnetSchema).min(1),
  internal: z.boolean(),
  options: strings,
  labels: strings,
  createdAt: timestamp,
  createdBy: z.string(),
})
export type Network = z.infer<typeof networkSchema>

/** Holds a network's name, so that two daemons cannot both take it: `network-name/<name>`. */
export const networkNameSchema = z.object({ network: z.string() })

/**
 * Where the next VNI and the next automatic subnet are looked for; every
 * creation of a network rewrites it, which puts creations in one order:
 * `allocation/networks`.
 */
export const allocationSchema = z.object({
  nextVni: z.int(),
  nextPool: z.string(),
})
export type Allocation = z.infer<typeof allocationSchema>

/** A container's attachment to one network: `endpoint/<network id>/<id>`. */
export const endpointSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  network: z.string(),
  host: z.string(),
  /** First name: the container's; aliases follow. */
  name: z.string().min(1),
  aliases: z.array(z.string()),
  /** What the container calls itself, when that is another name. */
  hostname: z.string().optional(),
  mac,
  /** With prefix length: `10.0.0.2/24`. */
  addresses: z.array(cidr).min(1),
  /** How the user named the namespace, and the path it was found at. */
  target: z.string(),
  netns: z.string(),
  interface: z.string(),
  publish: z.array(z.string()),
  /** Who made the container and has its addresses and routes in hand; absent: we. */
  driver: z.literal('docker').optional(),
  createdAt: timestamp,
})
export type Endpoint = z.infer<typeof endpointSchema>

/** Who has an address, or had it last: `address/<network id>/<ip>`. */
export const addressSchema = z.object({
  host: z.string(),
  endpoint: z.string(),
  /** The container's name. */
  name: z.string().optional(),
  /**
   * The user asked for it, or its container took it back: the sequence does
   * not go on from here.
   */
  outOfTurn: z.literal(true).optional(),
  /**
   * Given back, and not yet free for everybody: peers may still have it in
   * their caches. Its last container, known by name, may have it again.
   */
  released: z.object({ name: z.string() }).optional(),
})
export type AddressClaim = z.infer<typeof addressSchema>

/**
 * A name that somebody gave to addresses by hand: `dns/<network id>/<name>`. It
 * belongs to the network and goes with it.
 */
export const dnsRecordSchema = z.object({
  network: z.string(),
  /** In lower case. */
  name: z.string().min(1),
  addresses: z.array(ip).min(1),
})
export type DnsRecord = z.infer<typeof dnsRecordSchema>

/**
 * A host has, or is about to have, an endpoint or an address of a network:
 * `member/<host>/<network id>`. It is there before them and goes after them, so
 * that nobody has to search all networks for what a host has left. Read by key.
 */
export interface Member {
  readonly network: string
}

/** The key layout, in one place. */
export const keys = {
  host: (name: string) => `host/${name}`,
  network: (id: string) => `network/${id}`,
  networkName: (name: string) => `network-name/${name}`,
  allocation: 'allocation/networks',
  endpoint: (network: string, id: string) => `endpoint/${network}/${id}`,
  endpoints: (network: string) => `endpoint/${network}`,
  address: (network: string, ip: string) => `address/${network}/${ip}`,
  addresses: (network: string) => `address/${network}`,
  dnsRecord: (network: string, name: string) => `dns/${network}/${name}`,
  dnsRecords: (network: string) => `dns/${network}`,
  member: (host: string, network: string) => `member/${host}/${network}`,
  members: (host: string) => `member/${host}`,
} as const

/** Collections that every daemon has a copy of. */
export const coreCollections = [
  'host',
  'network',
  'network-name',
  'allocation',
] as const

/** Collections of one network: only daemons that are on it have a copy. */
export function rowCollections(network: string): string[] {
  return [
    keys.endpoints(network),
    keys.addresses(network),
    keys.dnsRecords(network),
  ]
}

/** A parsed record with its place; `kind` is the first part of the key. */
export type ClusterRecord =
  | { readonly kind: 'host'; readonly id: string; readonly value: Host }
  | { readonly kind: 'network'; readonly id: string; readonly value: Network }
  | {
      readonly kind: 'network-name'
      readonly id: string
      readonly value: z.infer<typeof networkNameSchema>
    }
  | {
      readonly kind: 'allocation'
      readonly id: string
      readonly value: Allocation
    }
  | {
      readonly kind: 'endpoint'
      readonly id: string
      readonly value: Endpoint
    }
  | {
      readonly kind: 'address'
      readonly id: string
      readonly value: AddressClaim
    }
  | { readonly kind: 'dns'; readonly id: string; readonly value: DnsRecord }

export type RecordKind = ClusterRecord['kind']

const schemas = {
  host: hostSchema,
  network: networkSchema,
  'network-name': networkNameSchema,
  allocation: allocationSchema,
  endpoint: endpointSchema,
  address: addressSchema,
  dns: dnsRecordSchema,
} as const satisfies Record<RecordKind, z.ZodType>

/**
 * Splits a key into its kind and the rest, and validates the value. Throws a
 * ZodError for a bad value; returns null for a kind this version does not know,
 * so that newer daemons may share a store with older ones.
 */
export function parseRecord(key: string, value: unknown): ClusterRecord | null {
  const slash = key.indexOf('/')
  const kind = key.slice(0, slash)
  if (!Object.hasOwn(schemas, kind)) return null
  return {
    kind,
    id: key.slice(slash + 1),
    value: schemas[kind as RecordKind].parse(value),
  } as ClusterRecord
}
