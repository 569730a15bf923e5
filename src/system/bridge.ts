import { z } from 'zod'
import { isOvertapError } from '../base/errors.js'
import { batch } from './link.js'
import type { Run } from './run.js'
import type {
  Bridge,
  BridgePort,
  BridgeSetup,
  Bridges,
  LinkSetup,
  PortSetup,
} from './system.js'

const bridgesSchema = z.array(
  z.object({
    ifname: z.string().optional(),
    ifalias: z.string().default(''),
    addr_info: z
      .array(
        z.object({
          local: z.string(),
          prefixlen: z.int(),
          scope: z.string(),
        }),
      )
      .default([]),
  }),
)

const portsSchema = z.array(
  z.object({
    ifname: z.string(),
    ifalias: z.string().default(''),
    master: z.string().optional(),
    linkinfo: z
      .object({
        info_slave_data: z.object({ learning: z.boolean().optional() }).loose(),
      })
      .partial()
      .optional(),
  }),
)

/**
 * With iproute2. A port is `locked` (Linux 5.16): it passes frames from MACs of
 * the forwarding table only, which has one entry per port that cannot be
 * learned. A neighbour entry of the host is permanent likewise: nobody on the
 * bridge can take another's place.
 */
export class LinuxBridges implements Bridges {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async find(name: string): Promise<Bridge | null> {
    const output = await this.#show('address', 'type', 'bridge')
    const found = bridgesSchema
      .parse(output)
      .find(({ ifname }) => ifname === name)
    if (found === undefined) return null
    return {
      name,
      alias: found.ifalias,
      addresses: found.addr_info
        .filter(({ scope }) => scope === 'global')
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    }
  }

  async create(setup: BridgeSetup): Promise<void> {
    const { name, altname, alias, mac, mtu, addresses } = setup
    await this.#ip([
      `link add ${name} address ${mac} mtu ${mtu} type bridge`,
      `link property add dev ${name} altname ${altname}`,
      ...addresses.map((address) => addressLine(name, address)),
      `link set dev ${name} alias "${alias}" up`,
    ])
  }

  async ports(prefix: string): Promise<readonly BridgePort[]> {
    const output = await this.#show('link', 'type', 'veth')
    return portsSchema
      .parse(output)
      .filter(({ ifname }) => ifname.startsWith(prefix))
      .map(({ ifname, ifalias, master, linkinfo }) => ({
        name: ifname,
        alias: ifalias,
        bridge: master,
        ready: linkinfo?.info_slave_data?.learning === false,
      }))
  }

  async plug(setup: PortSetup, inside: LinkSetup): Promise<void> {
    const { name, mac, mtu, netns, interface: ifname } = setup
    const outside = [
      `link add ${name} mtu ${mtu} type veth peer name ${ifname} address ${mac} mtu ${mtu} netns "${netns}"`,
      ...attachLines(setup),
    ]
    await this.#run({
      argv: [
        ...(['sh', '-ec', plugScript, 'plug', netns] as const),
        ...[outside, batch(inside), openLines(setup)].map(asText),
      ],
    })
  }

  async attachPorts(setups: readonly PortSetup[]): Promise<void> {
    if (setups.length > 0) await this.#ip(setups.flatMap(attachLines))
  }

  async openPorts(setups: readonly PortSetup[]): Promise<void> {
    if (setups.length === 0) return
    await this.#run({
      argv: ['bridge', '-batch', '-'],
      input: asText(setups.flatMap(openLines)),
    })
  }

  remove(name: string): Promise<void> {
    return this.#delete(name)
  }

  removeLink(name: string): Promise<void> {
    return this.#delete(name)
  }

  /** Permanent neighbours outlive what they stand for. */
  async removePort({ name, bridge, addresses }: PortSetup): Promise<void> {
    const lines = [
      `link delete dev ${name}`,
      ...addresses.map(
        (address) => `neighbour delete ${address} dev ${bridge}`,
      ),
    ]
    try {
      await this.#run({
        argv: ['ip', '-force', '-batch', '-'],
        input: asText(lines),
      })
    } catch (error) {
      if (!isOvertapError(error, 'COMMAND_FAILED')) throw error
      const rest = error.message.replace(
        /Cannot find device "[^"]*"|RTNETLINK answers: No such (file or directory|device)/g,
        '',
      )
      if (/Error|RTNETLINK|Cannot/.test(rest)) throw error
    }
  }

  async #delete(name: string): Promise<void> {
    try {
      await this.#run({ argv: ['ip', 'link', 'delete', 'dev', name] })
    } catch (error) {
      const isGone =
        isOvertapError(error, 'COMMAND_FAILED') &&
        error.message.includes('Cannot find device')
      if (isGone) return
      throw error
    }
  }

  async #show(what: 'address' | 'link', ...which: string[]): Promise<unknown> {
    const output = await this.#run({
      argv: ['ip', '-json', '-details', what, 'show', ...which],
    })
    return JSON.parse(output.trim() === '' ? '[]' : output)
  }

  async #ip(lines: readonly string[]): Promise<void> {
    await this.#run({ argv: ['ip', '-batch', '-'], input: asText(lines) })
  }
}

/**
 * Host, container, host: the batches are the second to the fourth argument. The
 * last one opens the port, so that one that was not configured stays closed.
 */
const plugScript = [
  'printf %s "$2" | ip -batch -',
  'printf %s "$3" | nsenter --net="$1" ip -batch -',
  'printf %s "$4" | bridge -batch -',
].join('\n')

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function openLines({ name, mac }: PortSetup): string[] {
  return [
    `fdb replace ${mac} dev ${name} master static`,
    `link set dev ${name} learning off`,
  ]
}

function attachLines(setup: PortSetup): string[] {
  const { bridge, name, alias, mac, addresses } = setup
  return [
    `link set dev ${name} alias "${alias}" master ${bridge}`,
    `link set dev ${name} type bridge_slave isolated on locked on`,
    `link set dev ${name} up`,
    ...addresses.map(
      (address) =>
        `neighbour replace ${address} lladdr ${mac} dev ${bridge} nud permanent`,
    ),
  ]
}

/** No duplicate address detection: nobody else is on the bridge. */
function addressLine(name: string, address: string): string {
  const family = address.includes(':') ? ' nodad' : ''
  return `address replace ${address} dev ${name}${family}`
}
