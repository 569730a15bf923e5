import { addressOf, withPrefix } from '../../net/cidr.js'
import { macOfIp } from '../../net/mac.js'
import type { BridgePort, PortSetup } from '../../system/system.js'
import type { Ground } from './ground.js'
import { numbered } from './ranges.js'
import { bridgeName } from './state.js'

/** Of the veths' ends on the host: the number of the container follows. */
export const portPrefix = 'otgw'

/**
 * What is remembered of a container on the bridge. The number is in the name of
 * the veth and the rest in its alias: the kernel keeps them as long as the
 * container, whatever becomes of the daemon.
 */
export interface PortNote {
  readonly number: number
  /** Of the namespace. */
  readonly identity: string
  /** Inside the namespace. */
  readonly interface: string
}

const aliasForm = /^overtap (?<identity>\S+) (?<interface>\S+)$/

/** Null for what is not a port of ours. */
export function readPort({ name, alias }: BridgePort): PortNote | null {
  const number = new RegExp(`^${portPrefix}([1-9]\\d*)$`).exec(name)?.[1]
  const noted = aliasForm.exec(alias)?.groups
  if (number === undefined || noted === undefined) return null
  const { identity = '', interface: ifname = '' } = noted
  return { number: Number(number), identity, interface: ifname }
}

/** With prefix length. */
export function addressesOf(
  { number }: Pick<PortNote, 'number'>,
  { subnets }: Ground,
): string[] {
  return subnets.map((subnet) => withPrefix(numbered(subnet, number), subnet))
}

export function macOf(
  { number }: Pick<PortNote, 'number'>,
  { subnets }: Ground,
): string {
  return macOfIp(numbered(subnets[0] ?? '', number))
}

export function portSetup(
  note: PortNote,
  netns: string,
  ground: Ground,
): PortSetup {
  return {
    bridge: bridgeName,
    name: `${portPrefix}${note.number}`,
    alias: `overtap ${note.identity} ${note.interface}`,
    netns,
    interface: note.interface,
    mac: macOf(note, ground),
    mtu: ground.mtu,
    addresses: addressesOf(note, ground).map(addressOf),
  }
}
