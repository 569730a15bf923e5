import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Contender, Site } from './contender.js'

const device = 'tinc0'
const overlay = { near: '10.97.0.2', far: '10.97.0.3' } as const
type Side = keyof typeof overlay

/** tinc without encryption, since VXLAN has none either. */
export const tinc: Contender = {
  name: 'tinc',
  title: 'tinc',
  programs: ['tincd', 'openssl'],
  package: 'tinc',
  version: ['tincd', '--version'],
  setUp: async (site) => {
    const directory = await site.lab.makeDirectory()
    await writeKeys(directory, site)
    const [near, far] = await Promise.all([
      start(directory, site, 'near'),
      start(directory, site, 'far'),
    ])
    return {
      near: site.near,
      far: site.far,
      address: overlay.far,
      interface: device,
      daemons: { near: [near], far: [far] },
    }
  },
}

const sides = ['near', 'far'] as const

async function writeKeys(directory: string, site: Site): Promise<void> {
  for (const side of sides) {
    await mkdir(join(directory, side, 'hosts'), { recursive: true })
    const other = side === 'near' ? 'far' : 'near'
    await writeFile(
      join(directory, side, 'tinc.conf'),
      `Name = ${side}\nInterface = ${device}\nConnectTo = ${other}\n`,
    )
  }
  for (const side of sides) {
    const description = [
      `Address = ${site[side].address}`,
      `Subnet = ${overlay[side]}/32`,
      ...['Cipher = none', 'Digest = none', 'Compression = 0'],
      await makeKey(join(directory, side, 'rsa_key.priv')),
    ]
    for (const reader of sides) {
      const file = join(directory, reader, 'hosts', side)
      await writeFile(file, `${description.join('\n')}\n`)
    }
  }
}

/** Returns what the others need of it. tincd itself asks questions. */
async function makeKey(file: string): Promise<string> {
  await execa('openssl', ['genrsa', '-traditional', '-out', file, '2048'])
  const flags = ['-in', file, '-RSAPublicKey_out']
  return (await execa('openssl', ['rsa', ...flags])).stdout
}

async function start(
  directory: string,
  site: Site,
  side: Side,
): Promise<number> {
  const host = site[side]
  const program = host.start('tincd', [
    ...['-c', join(directory, side), '-D', '-d3'],
    `--pidfile=${join(directory, `${side}.pid`)}`,
  ])
  await program.line(/Ready/)
  await host.ip(
    `address add ${overlay[side]}/24 dev ${device}`,
    `link set ${device} mtu ${site.mtu - 50} up`,
  )
  await program.line(/Connection with .* activated/)
  return program.pid
}
