import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import type { Contender, Site } from './contender.js'

const device = 'nebula0'
const overlay = { near: '10.96.0.2', far: '10.96.0.3' } as const
type Side = keyof typeof overlay
const port = 4242

/** nebula as it comes, encrypted: it cannot do without. */
export const nebula: Contender = {
  name: 'nebula',
  title: 'nebula',
  programs: ['nebula', 'nebula-cert'],
  package: 'nebula',
  version: ['nebula', '-version'],
  setUp: async (site) => {
    const directory = await site.lab.makeDirectory()
    await certify(directory)
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

async function certify(directory: string): Promise<void> {
  const options = { cwd: directory }
  await execa('nebula-cert', ['ca', '-name', 'bench'], options)
  for (const [name, ip] of Object.entries(overlay)) {
    const flags = ['-name', name, '-ip', `${ip}/24`]
    await execa('nebula-cert', ['sign', ...flags], options)
  }
}

async function start(
  directory: string,
  site: Site,
  side: Side,
): Promise<number> {
  const file = join(directory, `${side}.yml`)
  await writeFile(file, stringify(configuration(directory, site, side)))
  const program = site[side].start('nebula', ['-config', file])
  await program.line(/Nebula interface is active/)
  return program.pid
}

function configuration(directory: string, site: Site, side: Side): object {
  const other = side === 'near' ? 'far' : 'near'
  const anybody = [{ port: 'any', proto: 'any', host: 'any' }]
  return {
    pki: {
      ca: join(directory, 'ca.crt'),
      cert: join(directory, `${side}.crt`),
      key: join(directory, `${side}.key`),
    },
    static_host_map: { [overlay[other]]: [`${site[other].address}:${port}`] },
    lighthouse: { am_lighthouse: false, hosts: [] },
    listen: { host: site[side].address, port },
    tun: { dev: device, mtu: site.mtu - 60 },
    firewall: { outbound: anybody, inbound: anybody },
  }
}
