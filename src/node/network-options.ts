import { errors } from '../base/errors.js'
import { isVni, MAX_VNI } from '../net/vni.js'
import { parseVtep } from '../net/vtep.js'
import type { Vtep } from '../net/vtep.js'

/** What `--opt` can say about a network. */
export interface NetworkOptions {
  /**
   * VTEPs outside the cluster, kernel vxlan devices for instance:
   * `overtap.peers=IP[:PORT],...`.
   */
  readonly peers: readonly Vtep[]
  /**
   * Containers send only from their own MAC and addresses:
   * `overtap.port-security=on|off`.
   */
  readonly portSecurity: boolean
  /**
   * MTU of the underlay, not of the containers, as Docker's overlay driver
   * reads it (libnetwork drivers/overlay maxMTU):
   * `com.docker.network.driver.mtu=N`. Absent: that of the routes to the hosts.
   */
  readonly underlayMtu?: number
  /**
   * As `--vni`, in the spelling of Docker's overlay driver:
   * `com.docker.network.driver.overlay.vxlanid_list=N[,...]`. Docker takes one
   * for each subnet; here the first carries all subnets of the network.
   */
  readonly vni?: number
}

/** Where Docker's overlay driver has the VNIs of a network. */
export const vxlanIdOption = 'com.docker.network.driver.overlay.vxlanid_list'

interface Option {
  readonly requirement: string
  /** Null when the value does not meet the requirement. */
  readonly read: (
    value: string,
    defaultPort: number,
  ) => Partial<NetworkOptions> | null
}

const known: Readonly<Record<string, Option>> = {
  'overtap.peers': {
    requirement: 'expected IP[:PORT],... with up to 256 peers',
    read: (value, defaultPort) => readPeers(value, defaultPort),
  },
  'overtap.port-security': {
    requirement: 'expected on or off',
    read: (value) =>
      ['on', 'off'].includes(value) ? { portSecurity: value === 'on' } : null,
  },
  'com.docker.network.driver.mtu': {
    requirement: 'expected the MTU of the underlay, 118 to 65535',
    read: (value) => readMtu(value),
  },
  [vxlanIdOption]: {
    requirement: `expected N[,...] with numbers from 1 to ${MAX_VNI}`,
    read: (value) => readVnis(value),
  },
}

const maxPeers = 256

/** Throws NETWORK_OPTION_INVALID. */
export function checkOptions(options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    const option = known[name]
    if (option?.read(value, 1) === null) {
      throw errors.NETWORK_OPTION_INVALID(name, value, option.requirement)
    }
  }
}

/** Options that this version does not know: accepted, as in Docker, and ignored. */
export function unknownOptions(
  options: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(options).filter((name) => !Object.hasOwn(known, name))
}

/** Values that another version wrote and this one cannot read are left out. */
export function readOptions(
  options: Readonly<Record<string, string>>,
  defaultPort: number,
): NetworkOptions {
  const defaults: NetworkOptions = { peers: [], portSecurity: true }
  return Object.entries(options).reduce(
    (all, [name, value]) => ({
      ...all,
      ...known[name]?.read(value, defaultPort),
    }),
    defaults,
  )
}

function readPeers(
  value: string,
  defaultPort: number,
): Partial<NetworkOptions> | null {
  const texts = value.split(',').map((text) => text.trim())
  const peers = texts.flatMap((text) => parseVtep(text, defaultPort) ?? [])
  if (peers.length !== texts.length || peers.length > maxPeers) return null
  return { peers }
}

/** 118: the smallest IPv4 MTU, 68 (RFC 791), and 50 bytes of VXLAN. */
function readMtu(value: string): Partial<NetworkOptions> | null {
  const underlayMtu = /^\d{1,5}$/.test(value) ? Number(value) : 0
  return underlayMtu >= 118 && underlayMtu <= 65535 ? { underlayMtu } : null
}

function readVnis(value: string): Partial<NetworkOptions> | null {
  const vnis = value
    .split(',')
    .map((text) => (/^\d{1,8}$/.test(text.trim()) ? Number(text) : 0))
  const [vni] = vnis
  return vni !== undefined && vnis.every(isVni) ? { vni } : null
}
