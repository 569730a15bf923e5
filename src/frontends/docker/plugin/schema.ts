import { z } from 'zod'

/**
 * What Docker sends to a network and IPAM driver (libnetwork drivers/remote/api
 * and ipams/remote/api). Go writes `null` for an empty list or map, and newer
 * versions send more fields than older ones.
 */

/** Docker's ids: of networks and endpoints. */
const id = z.string().regex(/^[0-9a-f]{12,64}$/)
const text = z.string().max(4096)

/** Absent when it is empty. */
const optional = text
  .nullish()
  .transform((value) => (value === '' ? undefined : (value ?? undefined)))

const values = z
  .record(text, z.unknown())
  .nullish()
  .transform((value) => value ?? {})

/** The values that are text; `-o` and `--ipam-opt` have no others. */
const texts = values.transform((all): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(all).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  ),
)

const networkData = z
  .array(
    z.object({
      Pool: text.default(''),
      Gateway: optional,
      AuxAddresses: texts,
    }),
  )
  .max(64)
  .nullish()
  .transform((value) => value ?? [])

export const nothingSchema = z.unknown()

export const requestPoolSchema = z.object({
  Pool: optional,
  SubPool: optional,
  Options: texts,
  V6: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
})

export const poolSchema = z.object({ PoolID: text.min(1) })

export const addressSchema = z.object({
  PoolID: text.min(1),
  Address: optional,
  Options: texts,
})

export const createNetworkSchema = z.object({
  NetworkID: id,
  Options: values,
  IPv4Data: networkData,
  IPv6Data: networkData,
})

export const networkSchema = z.object({ NetworkID: id })

const interfaceSchema = z
  .object({
    Address: optional,
    AddressIPv6: optional,
    MacAddress: optional,
  })
  .partial()

export const createEndpointSchema = z.object({
  NetworkID: id,
  EndpointID: id,
  Interface: interfaceSchema.nullable().prefault({}),
})

export const endpointSchema = z.object({ NetworkID: id, EndpointID: id })

export const joinSchema = z.object({
  NetworkID: id,
  EndpointID: id,
  SandboxKey: text.min(1),
})

/** `-o NAME=VALUE` of `docker network create`. */
export function userOptions(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return texts.catch({}).parse(options['com.docker.network.generic'])
}

export function isInternal(
  options: Readonly<Record<string, unknown>>,
): boolean {
  return options['com.docker.network.internal'] === true
}
