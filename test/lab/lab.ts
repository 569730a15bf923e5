import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { endOnSignals, forget } from './live.js'
import { Host, Namespace } from './namespace.js'
import type { Program } from './program.js'
import {
  type LabRecord,
  namespaces,
  ownIdentity,
  record,
  remove,
  sweep,
} from './registry.js'

export interface LabOptions {
  /** Of the underlay; 1500 by default. */
  readonly mtu?: number
  /** Checksum and segmentation offloads of the underlay's veths; on by default. */
  readonly offloads?: boolean
  /** Namespaces called `host1`, not `ot4f2k-host1`: for people to look at. */
  readonly plainNames?: boolean
}

/**
 * Network namespaces as hosts, joined by a bridge in a namespace of its own:
 * nothing shows up in the machine's own network, and nothing in here has a
 * route out. Namespaces as containers belong to no host until a daemon
 * connects them.
 */
export class Lab {
  readonly id = `ot${Math.random().toString(36).slice(2, 6)}`
  readonly #options: LabOptions
  readonly #record: LabRecord
  readonly #programs: Program[] = []
  readonly #cgroups: string[] = []
  #switch: Namespace | undefined
  #destroyed: Promise<void> | undefined

  private constructor(options: LabOptions) {
    this.#options = options
    this.#record = {
      id: this.id,
      owner: ownIdentity(),
      namespaces: [],
      directories: [],
      cgroups: this.#cgroups,
    }
  }

  /** Makes the switch, after sweeping up what dead runs left. */
  static async create(options: LabOptions = {}): Promise<Lab> {
    sweep()
    const lab = new Lab(options)
    endOnSignals(lab)
    try {
      await lab.#makeSwitch()
    } catch (error) {
      await lab.destroy()
      throw error
    }
    return lab
  }

  /** A machine on the switch, with `eth0` as its underlay. */
  async addHost(label: string, address: string): Promise<Host> {
    const host = new Host(
      label,
      await this.#makeNamespace(label),
      this.#programs,
      address,
    )
    const bridge = this.#requireSwitch()
    const mtu = this.#options.mtu ?? 1500
    const prefix = address.includes(':') ? '64 nodad' : '24'
    await host.ip(
      'link set lo up',
      `link add ${host.interface} mtu ${mtu} type veth peer name ${label} mtu ${mtu} netns ${bridge.name}`,
      `link set ${host.interface} up`,
      `address add ${address}/${prefix} dev ${host.interface}`,
    )
    await bridge.ip(`link set ${label} master br0 up`)
    if (this.#options.offloads === false) {
      await host.run('ethtool', '-K', host.interface, 'tx', 'off')
      await bridge.run('ethtool', '-K', label, 'tx', 'off')
    }
    return host
  }

  /**
   * A machine on a link of its own to another one of the lab, which forwards
   * from now on and has the first address of the subnet.
   */
  async addHostBehind(
    router: Host,
    label: string,
    address: string,
    mtu: number,
  ): Promise<Host> {
    const name = await this.#makeNamespace(label)
    const host = new Host(label, name, this.#programs, address)
    const isV6 = address.includes(':')
    const prefix = isV6 ? '64 nodad' : '24'
    const gateway = address.replace(/[0-9a-f]+$/, '1')
    await host.ip(
      'link set lo up',
      `link add ${host.interface} mtu ${mtu} type veth peer name ${label} mtu ${mtu} netns ${router.name}`,
      `link set ${host.interface} up`,
      `address add ${address}/${prefix} dev ${host.interface}`,
    )
    await router.ip(
      `link set dev ${label} up`,
      `address add ${gateway}/${prefix} dev ${label}`,
    )
    await router.run(
      ...['sysctl', '-qw', 'net.ipv4.ip_forward=1'],
      'net.ipv6.conf.all.forwarding=1',
    )
    await host.ip(`route add default via ${gateway}`)
    return host
  }

  /**
   * A second link between two hosts, beside the switch: an interface of that
   * name on each, up and without addresses; on the first with this index.
   */
  async addCable(
    one: Host,
    other: Host,
    { name, index }: { readonly name: string; readonly index: number },
  ): Promise<void> {
    const mtu = this.#options.mtu ?? 1500
    await one.ip(
      `link add ${name} index ${index} mtu ${mtu} type veth peer name ${name} mtu ${mtu} netns ${other.name}`,
      `link set ${name} up`,
    )
    await other.ip(`link set ${name} up`)
  }

  /** A namespace as a container: a loopback and nothing else. */
  async addContainer(label: string): Promise<Namespace> {
    const name = await this.#makeNamespace(label)
    const container = new Namespace(label, name, this.#programs)
    await container.ip('link set lo up')
    return container
  }

  /** Takes a container's namespace away while the lab goes on. */
  async removeContainer(container: Namespace): Promise<void> {
    await execa('ip', ['netns', 'delete', container.name])
  }

  /** A private directory that goes with the lab. */
  async makeDirectory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), `${this.id}-`))
    this.#record.directories.push(path)
    record(this.#record)
    return path
  }

  /** A name for a control group, whose processes end with the lab. */
  nameCgroup(label: string): string {
    const name = `${this.id}-${label}`
    this.#cgroups.push(name)
    record(this.#record)
    return name
  }

  /**
   * Ends the programs, last started first, then removes the namespaces and
   * directories. Idempotent.
   */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy()
    return this.#destroyed
  }

  /** The same at once and by force, when there is no time left to wait. */
  destroyNow(): void {
    remove(this.#record)
  }

  async #destroy(): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.stop()
    remove(this.#record)
    forget(this)
  }

  async #makeSwitch(): Promise<void> {
    const name = await this.#makeNamespace('switch')
    const mtu = this.#options.mtu ?? 1500
    this.#switch = new Namespace('switch', name, this.#programs)
    await this.#switch.run(
      'sysctl',
      '-qw',
      'net.ipv6.conf.default.disable_ipv6=1',
    )
    // Frames are switched, not filtered; the key is absent without br_netfilter.
    await this.#switch.run(
      'sysctl',
      '-eqw',
      'net.bridge.bridge-nf-call-iptables=0',
      'net.bridge.bridge-nf-call-ip6tables=0',
    )
    await this.#switch.ip(`link add br0 mtu ${mtu} up type bridge`)
  }

  #requireSwitch(): Namespace {
    if (this.#switch) return this.#switch
    throw new Error('the lab has no switch yet')
  }

  async #makeNamespace(label: string): Promise<string> {
    const name = this.#options.plainNames ? label : `${this.id}-${label}`
    if (namespaces().includes(name)) {
      throw new Error(
        `network namespace ${name} exists already; if nobody needs it: ip netns delete ${name}`,
      )
    }
    this.#record.namespaces.push(name)
    record(this.#record)
    await execa('ip', ['netns', 'add', name])
    return name
  }
}
