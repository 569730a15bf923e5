import { z } from 'zod'
import type { EventKind } from '../../node/events/event-log.js'

/**
 * What travels over the HTTP API. Field names are those of Docker's API
 * wherever Docker has the same thing (`docker network create` and `inspect`,
 * API v1.44), so that scripts written for it need not learn new ones.
 */

// -- requests ----------------------------------------------------------------

const text = z.string().min(1).max(1024)
const labels = z.record(text, z.string().max(4096)).default({})

/** `POST /v1/networks` */
export const createNetworkSchema = z.strictObject({
  Name: text,
  /** No VNI: the next free one. */
  VNI: z.int().min(1).max(0xffffff).optional(),
  Internal: z.boolean().default(false),
  /** An IPv6 subnet, chosen when none is given. */
  EnableIPv6: z.boolean().default(false),
  IPAM: z
    .strictObject({
      /** Empty: the next free subnet of the pools. */
      Config: z
        .array(
          z.strictObject({
            Subnet: text,
            Gateway: text.optional(),
            IPRange: text.optional(),
            AuxiliaryAddresses: z.record(text, text).optional(),
          }),
        )
        .max(16)
        .default([]),
    })
    .prefault({}),
  Options: labels,
  Labels: labels,
})

/** `POST /v1/networks/:ref/connect` */
export const connectSchema = z.strictObject({
  /** A namespace: its name, its absolute path or `pid:N`. */
  Target: text,
  Name: text.optional(),
  IPAddress: text.optional(),
  Aliases: z.array(text).max(64).default([]),
  /** `[ip:]host:container[/proto]` */
  Publish: z.array(text).max(256).default([]),
  Interface: text.optional(),
})

/** `POST /v1/networks/:ref/disconnect` */
export const disconnectSchema = z.strictObject({ Target: text })

/** `GET /v1/fdb?network=` */
export const endpointsQuerySchema = z.strictObject({
  network: text.optional(),
})

export const fdbQuerySchema = z.strictObject({ network: text.optional() })

/** How many events there are without a number. */
const defaultEvents = 20

/** `GET /v1/events?follow&count=` */
export const eventsQuerySchema = z.strictObject({
  /** `?follow` is as good as `?follow=true`. */
  follow: z
    .preprocess((text) => (text === '' ? 'true' : text), z.stringbool())
    .default(false),
  count: z.coerce.number().int().min(0).max(1000).default(defaultEvents),
})

/** `GET /v1/ipam?network=` */
export const ipamQuerySchema = z.strictObject({ network: text.optional() })

/** `POST /v1/ipam/fsck` */
export const fsckSchema = z.strictObject({ Repair: z.boolean().default(false) })

export type FsckBody = z.input<typeof fsckSchema>
export type CreateNetworkBody = z.input<typeof createNetworkSchema>
export type ConnectBody = z.input<typeof connectSchema>
export type DisconnectBody = z.input<typeof disconnectSchema>

// -- responses ---------------------------------------------------------------

export interface VersionResponse {
  readonly Version: string
  readonly ApiVersion: string
  readonly NodeVersion: string
  readonly KernelVersion: string
  readonly Os: string
  readonly Arch: string
}

export interface IpamConfig {
  readonly Subnet: string
  readonly Gateway: string
  readonly IPRange?: string
  /** Name -> address. */
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>
}

export interface ContainerResponse {
  readonly Name: string
  readonly EndpointID: string
  readonly MacAddress: string
  /** With prefix length; empty when there is none, as Docker has it. */
  readonly IPv4Address: string
  readonly IPv6Address: string
  readonly Host: string
  readonly Interface: string
}

export interface NetworkResponse {
  readonly Name: string
  readonly Id: string
  /** ISO 8601. */
  readonly Created: string
  readonly Scope: 'global'
  readonly Driver: 'overtap'
  readonly EnableIPv6: boolean
  readonly Internal: boolean
  readonly Attachable: true
  readonly IPAM: {
    readonly Driver: 'overtap'
    readonly Options: Readonly<Record<string, string>>
    readonly Config: readonly IpamConfig[]
  }
  readonly VNI: number
  /** By endpoint id, the ones on other hosts included. */
  readonly Containers: Readonly<Record<string, ContainerResponse>>
  readonly Options: Readonly<Record<string, string>>
  readonly Labels: Readonly<Record<string, string>>
}

export interface SubnetResponse {
  readonly Network: string
  readonly NetworkID: string
  readonly Subnet: string
  readonly Size: number
  readonly Used: number
  readonly Reserved: number
  readonly Quarantined: number
  readonly Free: number
  /** Those that are not free; only when one network was asked for. */
  readonly Addresses?: readonly AddressResponse[]
}

export interface AddressResponse {
  readonly Address: string
  readonly State: 'used' | 'reserved' | 'quarantined'
  readonly Holder: string
  readonly Host: string
}

export interface FindingResponse {
  readonly Kind: string
  readonly Key: string
  readonly Problem: string
  readonly Remedy: string
  readonly Repaired: boolean
  readonly Network?: string
  readonly Endpoint?: string
  readonly Address?: string
  readonly Host?: string
}

export interface HostResponse {
  readonly Name: string
  readonly Address: string
  readonly Port: number
  readonly Health: 'up' | 'suspect' | 'dead'
  readonly Version: string
  readonly StartedAt: string
  /** Whether it is the host that answers. */
  readonly Self: boolean
}

export interface EndpointResponse {
  readonly EndpointID: string
  readonly Name: string
  readonly Network: string
  readonly NetworkID: string
  readonly Host: string
  readonly IPv4Address: string
  readonly IPv6Address: string
  readonly MacAddress: string
  readonly Interface: string
  readonly Target: string
  readonly Aliases: readonly string[]
  /** Ports of its host that lead to it: `8080:80/tcp`. */
  readonly Publish: readonly string[]
  readonly State: 'attached' | 'isolated'
  /** Who connected it, when that was not overtap. */
  readonly Driver?: 'docker'
  /** What leads outside from its container, when it is on the host that answers. */
  readonly Gateway?: GatewayResponse
}

export interface GatewayResponse {
  readonly Interface: string
  /** With prefix length; empty when there is none. */
  readonly IPv4Address: string
  readonly IPv6Address: string
}

export interface ForwardingResponse {
  readonly Network: string
  readonly VNI: number
  readonly MacAddress: string
  readonly Addresses: readonly string[]
  readonly Endpoint: string
  readonly To: string
  readonly Kind: 'local' | 'remote' | 'gateway' | 'learned' | 'flood'
}

export interface TrafficResponse {
  readonly Name: string
  readonly RxFrames: number
  readonly RxBytes: number
  readonly TxFrames: number
  readonly TxBytes: number
}

export interface PeerResponse extends TrafficResponse {
  /** Of the underlay on the way to it, bytes; null without a route. */
  readonly PathMTU: number | null
}

export interface FeatureResponse {
  readonly Name: string
  readonly State: 'on' | 'off' | 'unavailable'
  /** Why it is unavailable; else empty. */
  readonly Reason: string
}

export interface PauseResponse {
  readonly Feature: string
  readonly Peer: string
  readonly Reason: string
}

export interface UpstreamResponse {
  /** `192.0.2.1:53` */
  readonly Server: string
  /** `down`: it keeps silent, and is asked after the others. */
  readonly State: 'up' | 'down'
  readonly Queries: number
  readonly Failures: number
  /** Of the last failure; empty when it answered since. */
  readonly Problem: string
}

export interface DnsStatusResponse {
  /** What became of the questions of containers. */
  readonly Queries: {
    readonly Answered: number
    readonly Nxdomain: number
    readonly Forwarded: number
    readonly Cached: number
    readonly Failed: number
    readonly Refused: number
    readonly Malformed: number
  }
  /** The same questions by the way they came. */
  readonly OverUdp: number
  readonly OverTcp: number
  /** Who is asked for names outside, in order. */
  readonly Upstreams: readonly UpstreamResponse[]
  /** Why there are none; empty when there are. */
  readonly Problem: string
  readonly CachedAnswers: number
  /** Questions that wait for upstreams. */
  readonly Waiting: number
}

export interface DockerStatusResponse {
  /** `asking` until it has answered, or not. */
  readonly State: 'asking' | 'connected' | 'away'
  /** Docker's own. */
  readonly Version: string
  /** Why it is away; else empty. */
  readonly Problem: string
}

export interface StatusResponse {
  readonly Version: string
  readonly Host: string
  readonly Address: string
  readonly Port: number
  readonly StartedAt: string
  /** One sentence each; none when all is well. */
  readonly Problems: readonly string[]
  /** Of this host's lease; null when it has none, or the store is away. */
  readonly LeaseMs: number | null
  readonly Store: {
    readonly Description: string
    readonly State: 'connected' | 'reconnecting'
    readonly Revision: number
    /** Until new networks and addresses are given again; 0 is now. */
    readonly SettlesInMs: number
  }
  readonly Engine: {
    /** What the data path uses where the kernel has it. */
    readonly Features: readonly FeatureResponse[]
    /** Features that failed towards a peer and rest for a minute. */
    readonly Pauses: readonly PauseResponse[]
    readonly Upcalls: number
    /** Rx is what the container sent, Tx what it was given. */
    readonly Ports: readonly TrafficResponse[]
    /** Rx is what came from the peer. */
    readonly Peers: readonly PeerResponse[]
    /** By reason; every reason is there, also at 0. */
    readonly Drops: Readonly<Record<string, number>>
  }
  readonly Gateway: {
    /** `idle`: no container needs it. */
    readonly State: 'on' | 'idle' | 'off' | 'unavailable'
    /** Why it is unavailable; else empty. */
    readonly Reason: string
    readonly Bridge: string
    /** Of the bridge, while there is one. */
    readonly Subnets: readonly string[]
    readonly Containers: number
  }
  readonly Dns: DnsStatusResponse
  /** Null unless this host serves Docker. */
  readonly Docker: DockerStatusResponse | null
  readonly Hosts: number
  /** Null while the store is away. */
  readonly HostHealth: {
    readonly Up: number
    readonly Suspect: number
    readonly Dead: number
  } | null
  readonly Networks: number
  readonly Endpoints: {
    readonly Local: number
    /** Null while the store is away. */
    readonly Total: number | null
  }
  /** The last ones, the newest last. */
  readonly Events: readonly EventResponse[]
}

/** One line of `GET /v1/events`. */
export interface EventResponse {
  /** Grows by one with each event of the daemon. */
  readonly Sequence: number
  /** ISO 8601. */
  readonly Time: string
  readonly Kind: EventKind
  /** One sentence for people; what it is about is in the other fields, too. */
  readonly Message: string
  readonly Host?: string
  readonly Network?: string
  readonly Endpoint?: string
  readonly Address?: string
}

export interface HealthResponse {
  readonly Status: 'ok' | 'ready'
}

/** The body of every answer with a status of 400 and more. */
export interface ErrorResponse {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly details?: unknown
}
