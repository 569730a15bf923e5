import { hostPrefix } from '../net/cidr.js'
import { z } from 'zod'
import type { Run } from './run.js'
import type { HostAddress, Route, Routes } from './system.js'

/** What `ip -json` says, as far as it is used. */
const routeSchema = z.object({
  dst: z.string(),
  type: z.string().default('unicast'),
  dev: z.string().optional(),
  prefsrc: z.string().optional(),
  metrics: z.array(z.object({ mtu: z.int().optional() })).default([]),
})
const routesSchema = z.array(routeSchema)

const devicesSchema = z.array(
  z.object({
    ifname: z.string(),
    mtu: z.int(),
    addr_info: z
      .array(z.object({ local: z.string(), scope: z.string() }))
      .default([]),
  }),
)

export class LinuxRoutes implements Routes {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async to(addresses: readonly string[]): Promise<readonly Route[]> {
    if (addresses.length === 0) return []
    // One process for all; -force goes on after an address without a route.
    const output = await this.#run({
      argv: ['ip', '-json', '-force', '-batch', '-'],
      input: addresses.map((address) => `route get ${address}\n`).join(''),
      anyExit: true,
    })
    const mtus = await this.#deviceMtus()
    return output
      .split('\n')
      .filter((line) => line.startsWith('['))
      .flatMap((line) => routesSchema.parse(JSON.parse(line)))
      .flatMap((route) => usable(route, mtus))
  }

  async defaultDevice(): Promise<string | undefined> {
    const routes = await this.#table()
    return routes.find(({ dst }) => dst === 'default')?.dev
  }

  async prefixes(): Promise<readonly string[]> {
    const routes = await this.#table()
    const prefixes = routes
      .filter(({ dst, type }) => type === 'unicast' && dst !== 'default')
      .map(({ dst }) => (dst.includes('/') ? dst : hostPrefix(dst)))
      .filter((prefix) => !/^(fe80:|ff)/.test(prefix))
    return [...new Set(prefixes)]
  }

  async addresses(): Promise<readonly HostAddress[]> {
    const addresses = (await this.#devices()).flatMap(
      ({ ifname, mtu, addr_info }) =>
        addr_info
          .filter(({ scope }) => scope === 'global')
          .map(({ local }) => ({ device: ifname, address: local, mtu })),
    )
    const isV6 = ({ address }: HostAddress) => address.includes(':')
    return [
      ...addresses.filter((address) => !isV6(address)),
      ...addresses.filter(isV6),
    ]
  }

  async #table() {
    const tables = await Promise.all(
      ['-4', '-6'].map((family) =>
        this.#run({ argv: ['ip', '-json', family, 'route', 'show'] }),
      ),
    )
    // An empty table is an empty line with some versions of iproute2.
    return tables.flatMap((output) =>
      routesSchema.parse(JSON.parse(output.trim() === '' ? '[]' : output)),
    )
  }

  async #devices() {
    const output = await this.#run({ argv: ['ip', '-json', 'address', 'show'] })
    return devicesSchema.parse(JSON.parse(output))
  }

  async #deviceMtus(): Promise<ReadonlyMap<string, number>> {
    const devices = await this.#devices()
    return new Map(devices.map(({ ifname, mtu }) => [ifname, mtu]))
  }
}

/** No route at all for a blackhole or a device that has just gone. */
function usable(
  route: z.infer<typeof routeSchema>,
  deviceMtus: ReadonlyMap<string, number>,
): Route[] {
  const { dst, dev: device = '', prefsrc: source, metrics } = route
  const mtu = metrics.find((metric) => metric.mtu)?.mtu
  const deviceMtu = deviceMtus.get(device)
  if (deviceMtu === undefined) return []
  return [{ to: dst, device, source, mtu: mtu ?? deviceMtu }]
}
