import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import type { Contender, Site } from './contender.js'

const overlay = { near: '10.95.0.2', far: '10.95.0.3' } as const
type Side = keyof typeof overlay
const port = 51820

/** The userspace implementation of WireGuard that Debian has, encrypted. */
export const wireguardGo: Contender = {
  name: 'wireguard-go',
  title: 'wireguard-go',
  programs: ['wireguard-go', 'wg'],
  package: 'wireguard-go wireguard-tools',
  version: ['wireguard-go', '--version'],
  setUp: async (site) => {
    const directory = await site.lab.makeDirectory()
    const keys = { near: await makeKey(), far: await makeKey() }
    const side = (name: Side): Promise<number> =>
      start(directory, site, name, keys)
    const [near, far] = await Promise.all([side('near'), side('far')])
    return {
      near: site.near,
      far: site.far,
      address: overlay.far,
      interface: deviceOf(site, 'near'),
      daemons: { near: [near], far: [far] },
    }
  },
}

interface Key {
  readonly secret: string
  readonly shared: string
}

async function makeKey(): Promise<Key> {
  const { stdout: secret } = await execa('wg', ['genkey'])
  const { stdout: shared } = await execa('wg', ['pubkey'], { input: secret })
  return { secret, shared }
}

/** Its control sockets are of the machine, not of the namespace: by name. */
function deviceOf({ lab }: Site, side: Side): string {
  return `${lab.id}${side}`
}

async function start(
  directory: string,
  site: Site,
  side: Side,
  keys: Readonly<Record<Side, Key>>,
): Promise<number> {
  const other = side === 'near' ? 'far' : 'near'
  const host = site[side]
  const device = deviceOf(site, side)
  const keyFile = join(directory, side)
  await writeFile(keyFile, keys[side].secret, { mode: 0o600 })
  const program = host.start('wireguard-go', ['-f', device], {
    env: { LOG_LEVEL: 'verbose', WG_PROCESS_FOREGROUND: '1' },
  })
  await program.line(/UAPI listener started/)
  await host.run(
    ...(['wg', 'set', device, 'private-key', keyFile] as const),
    ...['listen-port', String(port), 'peer', keys[other].shared],
    ...['endpoint', `${site[other].address}:${port}`],
    ...['allowed-ips', `${overlay[other]}/32`],
  )
  await host.ip(
    `address add ${overlay[side]}/24 dev ${device}`,
    `link set ${device} mtu ${site.mtu - 80} up`,
  )
  return program.pid
}
