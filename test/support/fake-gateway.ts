import { errors } from '../../src/base/errors.js'
import type {
  Bridge,
  BridgePort,
  BridgeSetup,
  Bridges,
  FilterTable,
  Firewall,
  LinkSetup,
  PortSetup,
  Survey,
  Sysctls,
} from '../../src/system/system.js'

interface FakePort {
  readonly setup: PortSetup
  bridge: string | undefined
  ready: boolean
}

/** Puts the other end of a veth into a namespace and takes it away again. */
export interface Inside {
  addVeth(netns: string, name: string, mac: string): void
  configureLink(setup: LinkSetup): void
  removeTap(netns: string, name: string): void
}

/** Bridges and veths of plain data. */
export class FakeBridges implements Bridges {
  readonly bridges = new Map<string, Bridge>()
  readonly present = new Map<string, FakePort>()
  readonly #inside: Inside

  constructor(inside: Inside) {
    this.#inside = inside
  }

  find(name: string): Promise<Bridge | null> {
    return Promise.resolve(this.bridges.get(name) ?? null)
  }

  create({ name, alias, addresses }: BridgeSetup): Promise<void> {
    this.bridges.set(name, { name, alias, addresses })
    return Promise.resolve()
  }

  remove(name: string): Promise<void> {
    this.bridges.delete(name)
    for (const port of this.present.values()) {
      if (port.bridge === name) port.bridge = undefined
    }
    return Promise.resolve()
  }

  ports(prefix: string): Promise<readonly BridgePort[]> {
    const found = [...this.present.values()]
      .filter(({ setup }) => setup.name.startsWith(prefix))
      .map(({ setup: { name, alias }, bridge, ready }) => ({
        name,
        alias,
        bridge,
        ready: ready && bridge !== undefined,
      }))
    return Promise.resolve(found)
  }

  plug(setup: PortSetup, inside: LinkSetup): Promise<void> {
    const { name, netns, interface: ifname, mac, bridge } = setup
    if (this.present.has(name) || !this.bridges.has(bridge)) {
      return Promise.reject(errors.COMMAND_FAILED('ip', 'File exists'))
    }
    this.#inside.addVeth(netns, ifname, mac)
    this.#inside.configureLink(inside)
    this.present.set(name, { setup, bridge, ready: true })
    return Promise.resolve()
  }

  openPorts(setups: readonly PortSetup[]): Promise<void> {
    for (const { name } of setups) this.#port(name).ready = true
    return Promise.resolve()
  }

  attachPorts(setups: readonly PortSetup[]): Promise<void> {
    for (const { name, bridge } of setups) this.#port(name).bridge = bridge
    return Promise.resolve()
  }

  removePort({ name }: PortSetup): Promise<void> {
    return this.removeLink(name)
  }

  removeLink(name: string): Promise<void> {
    const port = this.present.get(name)
    this.present.delete(name)
    if (port) this.#inside.removeTap(port.setup.netns, port.setup.interface)
    return Promise.resolve()
  }

  /** The kernel does so when a namespace ends. */
  namespaceGone(netns: string): void {
    for (const [name, { setup }] of this.present) {
      if (setup.netns === netns) this.present.delete(name)
    }
  }

  #port(name: string): FakePort {
    const port = this.present.get(name)
    if (!port) throw errors.COMMAND_FAILED('ip', `no device ${name}`)
    return port
  }
}

/** Tables as they were loaded. */
export class FakeFirewall implements Firewall {
  readonly tables = new Map<string, string>()
  /** Why it cannot be used. */
  missing: string | null = null
  /** Of others. */
  foreign: FilterTable[] = []
  /** Number of transactions. */
  loads = 0
  /** How often somebody looked. */
  looks = 0

  problem(): Promise<string | null> {
    return Promise.resolve(this.missing)
  }

  load(ruleset: string): Promise<string> {
    if (this.missing !== null) {
      return Promise.reject(errors.COMMAND_FAILED('nft', this.missing))
    }
    this.loads++
    const name = /^table inet (\S+)/m.exec(ruleset)?.[1] ?? ''
    this.tables.set(name, ruleset)
    return Promise.resolve(ruleset)
  }

  list(table: string): Promise<string | null> {
    this.looks++
    return Promise.resolve(this.tables.get(table) ?? null)
  }

  forwarding(): Promise<readonly FilterTable[]> {
    return Promise.resolve(this.foreign)
  }

  remove(table: string): Promise<void> {
    if (this.missing !== null) {
      return Promise.reject(errors.COMMAND_FAILED('nft', this.missing))
    }
    this.tables.delete(table)
    return Promise.resolve()
  }
}

export class FakeSysctls implements Sysctls {
  readonly values = new Map([
    ['net.ipv4.ip_forward', '0'],
    ['net.ipv6.conf.all.disable_ipv6', '0'],
    ['net.ipv6.conf.all.forwarding', '0'],
    ['net/ipv6/conf/eth0/accept_ra', '1'],
  ])

  get(name: string): Promise<string | null> {
    return Promise.resolve(this.values.get(name) ?? null)
  }

  set(name: string, value: string): Promise<void> {
    this.values.set(name, value)
    return Promise.resolve()
  }

  list(name: string): Promise<readonly string[]> {
    return Promise.resolve(name === 'net.ipv6.conf' ? ['all', 'eth0'] : [])
  }
}

export const noRoutes: Survey['defaultRoutes'] = { v4: [], v6: [] }
