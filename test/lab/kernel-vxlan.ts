import type { Lab } from './lab.js'
import type { Host, Namespace } from './namespace.js'

export interface KernelVtepOptions {
  readonly vni: number
  /** Underlay addresses that broadcast is sent to. */
  readonly remotes: readonly string[]
  /** Of the overlay; the underlay's 1500 less 50 by default. */
  readonly mtu?: number
  readonly port?: number
}

/**
 * The kernel's own overlay on a host, as flannel or Docker set it up: a vxlan
 * device and a bridge, with containers on veths. The peer to interoperate with
 * and the contender to be measured against.
 */
export class KernelVtep {
  readonly device: string
  readonly #lab: Lab
  readonly #host: Host
  readonly #bridge: string
  readonly #mtu: number
  #containers = 0

  private constructor(lab: Lab, host: Host, options: KernelVtepOptions) {
    this.#lab = lab
    this.#host = host
    this.device = `vx${options.vni}`
    this.#bridge = `br${options.vni}`
    this.#mtu = options.mtu ?? 1450
  }

  static async create(
    lab: Lab,
    host: Host,
    options: KernelVtepOptions,
  ): Promise<KernelVtep> {
    const vtep = new KernelVtep(lab, host, options)
    await vtep.#setUp(options)
    return vtep
  }

  /** A container with `eth0` on this overlay; addresses with prefix length. */
  async addContainer(
    label: string,
    addresses: readonly string[],
  ): Promise<Namespace> {
    const container = await this.#lab.addContainer(label)
    const port = `${this.#bridge}-${++this.#containers}`
    await container.ip(
      `link add eth0 mtu ${this.#mtu} type veth peer name ${port} mtu ${this.#mtu} netns ${this.#host.name}`,
      ...addresses.map(
        (address) =>
          `address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`,
      ),
      'link set eth0 up',
    )
    await this.#host.ip(`link set ${port} master ${this.#bridge} up`)
    return container
  }

  async #setUp(options: KernelVtepOptions): Promise<void> {
    const { vni, remotes, port = 4789 } = options
    await this.#host.ip(
      `link add ${this.#bridge} mtu ${this.#mtu} type bridge`,
      `link add ${this.device} mtu ${this.#mtu} type vxlan id ${vni} dstport ${port} local ${this.#host.address} dev ${this.#host.interface}`,
      `link set ${this.device} master ${this.#bridge} up`,
      `link set ${this.#bridge} up`,
    )
    for (const remote of remotes) {
      // The all-zero MAC is the kernel's flood list.
      await this.#host.run(
        ...['bridge', 'fdb', 'append', '00:00:00:00:00:00'],
        ...['dev', this.device, 'dst', remote],
      )
    }
  }
}

/** Of the contender: overtap has 4789 on the same hosts. */
const contenderPort = 14789

/** Two hosts' containers on a kernel overlay: what overtap is measured against. */
export async function kernelContender(
  lab: Lab,
  hosts: readonly [Host, Host],
  vni = 4000,
): Promise<{
  readonly near: Namespace
  readonly far: Namespace
  readonly address: string
}> {
  const [one, two] = hosts
  const nearVtep = await KernelVtep.create(lab, one, {
    vni,
    remotes: [two.address],
    port: contenderPort,
  })
  const farVtep = await KernelVtep.create(lab, two, {
    vni,
    remotes: [one.address],
    port: contenderPort,
  })
  return {
    near: await nearVtep.addContainer(`k${vni}-near`, ['10.99.0.2/24']),
    far: await farVtep.addContainer(`k${vni}-far`, ['10.99.0.3/24']),
    address: '10.99.0.3',
  }
}
