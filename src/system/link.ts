import { z } from 'zod'
import { isOvertapError } from '../base/errors.js'
import type { Run } from './run.js'
import type { Link, LinkSetup, Links, Survey } from './system.js'

/** What `ip -json -details link show` says, as far as it is used. */
const linksSchema = z.array(
  z.object({
    ifname: z.string(),
    address: z.string().optional(),
    mtu: z.int(),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  }),
)

const namesSchema = z.array(z.object({ ifname: z.string() }))
const defaultRoutesSchema = z.array(z.object({ dev: z.string().optional() }))

/** One process asks it all; an empty table is an empty line. */
const surveyScript = [
  'ip -json link show',
  'ip -json -4 route show default',
  'ip -json -6 route show default 2>/dev/null || echo',
  'cat /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null || echo 1',
].join('; echo "//"; ')

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

  async survey(netns: string): Promise<Survey> {
    const output = await this.#run({
      argv: within(netns, 'sh', '-c', surveyScript),
    })
    const parts = output.split('//\n').map((part) => part.trim())
    const [links = '', v4 = '', v6 = '', disabled] = parts
    return {
      links: namesSchema.parse(JSON.parse(links)).map(({ ifname }) => ifname),
      defaultRoutes: { v4: devices(v4), v6: devices(v6) },
      hasV6: disabled === '0',
    }
  }
}

function devices(routes: string): string[] {
  const parsed: unknown = JSON.parse(routes === '' ? '[]' : routes)
  return defaultRoutesSchema.parse(parsed).flatMap(({ dev }) => dev ?? [])
}

function within(
  netns: string,
  ...command: readonly string[]
): [string, ...string[]] {
  return ['nsenter', `--net=${netns}`, ...command]
}

/**
 * Lines for `ip -batch`. The MAC goes first: an IPv6 link-local address is made
 * of it on "up".
 */
export function batch(setup: LinkSetup): string[] {
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
