import type { Upcall, UpcallReason } from '../../../src/engine/engine.js'
import { NetworkDirectory } from '../../../src/slowpath/directory.js'
import type { DirectoryEndpoint } from '../../../src/slowpath/directory.js'
import type { SlowPathContext } from '../../../src/slowpath/slow-path.js'

const network = {
  name: 'ov_net1',
  subnets: [
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
    { subnet: 'fd00::/64', gateway: 'fd00::1' },
  ],
}

/** `host(2)` is 10.0.0.2, fd00::2 and 02:42:0a:00:00:02. */
export function host(number: number): { mac: string; v4: string; v6: string } {
  const digits = number.toString(16).padStart(2, '0')
  return {
    mac: `02:42:0a:00:00:${digits}`,
    v4: `10.0.0.${number}`,
    v6: `fd00::${number.toString(16)}`,
  }
}

export function endpoint(
  name: string,
  number: number,
  change: Partial<DirectoryEndpoint> = {},
): DirectoryEndpoint {
  const { mac, v4, v6 } = host(number)
  const addresses = [`${v4}/24`, `${v6}/64`]
  const own = { id: `id-of-${name}`, host: 'host2', name, aliases: [] }
  return { ...own, addresses, mac, ...change }
}

/** bbox1 is host 2, bbox2 is host 3; the gateway is 10.0.0.1 and fd00::1. */
export function directoryOf(
  unknownUnicast: 'drop' | 'flood',
): NetworkDirectory {
  const directory = new NetworkDirectory(network, unknownUnicast)
  directory.putEndpoint(endpoint('bbox1', 2))
  directory.putEndpoint(endpoint('bbox2', 3))
  return directory
}

export function contextOf(
  unknownUnicast: 'drop' | 'flood' = 'drop',
): SlowPathContext {
  return { directory: directoryOf(unknownUnicast) }
}

export function upcall(frame: Uint8Array, reason: UpcallReason): Upcall {
  const fromPeer = reason === 'new-source'
  const [port, peer] = fromPeer ? [null, 1] : [1, null]
  return { reason, vni: 256, port, peer, frame }
}
