import { hostname } from 'node:os'
import { z } from 'zod'
import { parseVtep } from '../net/vtep.js'
import { isEngineFeatureName } from './features.js'

/** Of a range of the gateway bridge, for a /30 at least: host and a container. */
function range(cidr: z.ZodType<string>, longest: number) {
  const isWide = (text: string) => Number(text.split('/')[1]) <= longest
  return z.union([z.enum(['auto', 'off']), cidr.refine(isWide)]).default('auto')
}

/**
 * What a daemon can be told, with defaults. Reading files, flags and the
 * environment is the frontends' business; this only says what is valid.
 */
export const configSchema = z.strictObject({
  /** redis://, rediss://, or a Sentinel or Cluster URL; absent: a private redis-server. */
  store: z.string().optional(),
  /** Names the overlay cluster within the store. */
  cluster: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .default('default'),
  /** This host's name, unique in the cluster. */
  host: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .default(() => hostname()),
  /** Address or interface of the VTEP; absent: where the route to the store leaves. */
  advertise: z.string().optional(),
  /** UDP port of VXLAN. */
  port: z.coerce.number().int().min(1).max(65535).default(4789),
  /** State directory; private, survives reboots. */
  state: z.string().default('/var/lib/overtap'),
  /** Unix socket of the HTTP API. */
  socket: z.string().default('/run/overtap/overtap.sock'),
  /** Data-plane threads. */
  workers: z.coerce.number().int().min(1).max(64).default(1),
  /** TAPs made from now on have a queue for each worker. */
  multiqueue: z.union([z.boolean(), z.stringbool()]).default(false),
  /** Features of the data path that are not to be used. */
  disable: z
    .union([
      z.array(z.string()),
      z.string().transform((text) => text.split(',')),
    ])
    .refine((names) => names.every(isEngineFeatureName))
    .transform((names) => names.filter(isEngineFeatureName))
    .default([]),
  /** Whom to ask for names outside, in order, `IP[:PORT]`; none: whom the host asks. */
  dns: z
    .union([
      z.array(z.string()),
      z.string().transform((text) => text.split(',')),
    ])
    .refine((servers) => servers.every(isNameServer))
    .refine((servers) => servers.length <= 3)
    .default([]),
  /** Where it is written whom the host asks. */
  resolvConf: z.string().default('/etc/resolv.conf'),
  /** The host's lease in the store, milliseconds. */
  lease: z
    .strictObject({
      ttl: z.coerce.number().int().min(1000).default(15_000),
      renew: z.coerce.number().int().min(200).default(4000),
      /** After the lease has expired: its containers are withdrawn. */
      dead: z.coerce.number().int().min(0).default(45_000),
      /** After that: its addresses are free for others. */
      hold: z.coerce.number().int().min(0).default(600_000),
    })
    // A lease must survive one renewal that is lost.
    .refine(({ ttl, renew }) => renew * 2 <= ttl, { path: ['renew'] })
    .prefault({}),
  /** Where automatic subnets and VNIs come from. */
  pools: z
    .array(z.strictObject({ base: z.cidrv4(), size: z.int().min(8).max(30) }))
    .min(1)
    .default([{ base: '10.0.0.0/8', size: 24 }]),
  /** A released address is not given to another container for so long, milliseconds. */
  quarantine: z.coerce.number().int().min(0).default(60_000),
  /** After the store lost its data: time for all daemons to write theirs again, milliseconds. */
  settle: z.coerce.number().int().min(0).default(30_000),
  /** Containers stay connected when the daemon stops, for the next one. */
  keep: z.union([z.boolean(), z.stringbool()]).default(false),
  /** The bridge through which containers reach the outside. */
  gateway: z
    .strictObject({
      /** Its IPv4 range; `off`: there is no such bridge. */
      subnet: range(z.cidrv4(), 30),
      /** Its IPv6 range; `off`: IPv4 only. */
      subnet6: range(z.cidrv6(), 126),
    })
    .prefault({}),
  /** Containers of Docker on this host. */
  docker: z
    .strictObject({
      /** Serve as Docker's network driver. */
      driver: z.union([z.boolean(), z.stringbool()]).default(false),
      /** Where Docker looks for the driver; the name of the file is the driver's. */
      pluginSocket: z.string().default('/run/docker/plugins/overtap.sock'),
      /** Docker's own API. */
      socket: z.string().default('/run/docker.sock'),
      /** Docker's API with our networks as overlay networks; absent: there is none. */
      compatSocket: z.string().optional(),
    })
    .refine(
      ({ driver, compatSocket }) => driver || compatSocket === undefined,
      { path: ['compatSocket'] },
    )
    .prefault({}),
  firstVni: z.coerce.number().int().min(1).max(0xffffff).default(256),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
        .default('info'),
      format: z.enum(['auto', 'json', 'pretty']).default('auto'),
    })
    .prefault({}),
})

export type Config = z.infer<typeof configSchema>

function isNameServer(text: string): boolean {
  return parseVtep(text, 53) !== null
}
