import { z } from 'zod'
import { isOvertapError } from '../base/errors.js'
import type { Run } from './run.js'
import type { DefaultRoutes, Link, LinkSetup, Links } from './system.js'

/** What `ip -json -details link show` says, as far as it is used. */
const linksSchema = z.array(
  z.object({
    ifname: z.string(),
    address: z.string().optional(),
    mtu: z.int(),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  }),
)

const defaultRoutesSchema = z.array(z.object({ dev: z.string().optional() }))

/** Frames the kernel may queue on a TAP before it drops; the veth default. */
const txQueueLength = 1000

export class LinuxLinks implements Links {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async list(netns: string): Promise<readonly Link[]> {
    const output = await this.#run({
      argv: within(netns, 'ip', '-json', '-details', 'link', 'show'),
    })
    return linksSchema.parse(JSON.parse(output)).map((link) => ({
      name: link.ifname,
      mac: link.address ?? '',
      mtu: link.mtu,
      isTap: link.linkinfo?.info_kind === 'tun',
    }))
  }

  async configure(setup: LinkSetup): Promise<void> {
    await this.#run({
      argv: within(setup.netns, 'ip', '-batch', '-'),
      input: batch(setup).join('\n') + '\n',
    })
  }

  async up(netns: string, name: string): Promise<void> {
    const argv = within(netns, 'ip', 'link', 'set', 'dev', name, 'up')
    await this.#run({ argv })
  }

  async down(netns: string, name: string): Promise<void> {
    const argv = within(netns, 'ip', 'link', 'set', 'dev', name, 'down')
    await this.#run({ argv })
  }

  async remove(netns: string, name: string): Promise<void> {
    try {
      await this.#run({ argv: within(netns, 'ip', 'link', 'delete', name) })
    } catch (error) {
      const gone = /Cannot find device|No such file/
      if (isOvertapError(error, 'COMMAND_FAILED') && gone.test(error.message))
        return
      throw error
    }
  }

  async defaultRoutes(netns: string): Promise<DefaultRoutes> {
    const [v4, v6] = await Promise.all(
      (['-4', '-6'] as const).map(async (family) => {
        const words = ['-json', family, 'route', 'show', 'default']
        const output = await this.#run({ argv: within(netns, 'ip', ...words) })
        const text = output.trim() === '' ? '[]' : output
        const routes = defaultRoutesSchema.parse(JSON.parse(text))
        return routes.flatMap(({ dev }) => dev ?? [])
      }),
    )
    return { v4: v4 ?? [], v6: v6 ?? [] }
  }
}

function within(
  netns: string,
  ...command: readonly string[]
): [string, ...string[]] {
  return ['nsenter', `--net=${netns}`, ...command]
}

/** The MAC goes first: an IPv6 link-local address is made of it on "up". */
function batch(setup: LinkSetup): string[] {
  const { name, mac, mtu, gsoMaxSize } = setup
  const gso = gsoMaxSize === undefined ? '' : ` gso_max_size ${gsoMaxSize}`
  return [
    `link set dev ${name} address ${mac} mtu ${mtu} txqueuelen ${txQueueLength}${gso}`,
    ...setup.addresses.map((address) => addressLine(name, address)),
    ...(setup.up === false ? [] : [`link set dev ${name} up`]),
    ...(setup.gateways ?? []).map(
      (gateway) => `route add default via ${gateway} dev ${name}`,
    ),
  ]
}

/** No duplicate address detection: the records know that it is unique. */
function addressLine(name: string, address: string): string {
  const family = address.includes(':') ? ' nodad' : ''
  return `address replace ${address} dev ${name}${family}`
}

/** Docker's numbering: the first `ethN` that is not taken. */
export function nextInterface(taken: Iterable<string>): string {
  const names = new Set(taken)
  let number = 0
  while (names.has(`eth${number}`)) number++
  return `eth${number}`
}

/** Stricter than the kernel: the name is read as a word by `ip -batch`. */
export function isInterfaceName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(name)
}
