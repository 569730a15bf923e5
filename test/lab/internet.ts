import { fileURLToPath } from 'node:url'
import type { Lab } from './lab.js'
import type { Host, Namespace } from './namespace.js'

/** Sources are not compiled: from dist/test/lab back to the repository. */
const whoami = fileURLToPath(
  new URL('../../../test/lab/whoami.py', import.meta.url),
)

const port = 77

/**
 * All that is outside of a lab's hosts: one namespace that they have their
 * default routes to. It knows the hosts only, none of their containers.
 */
export class Internet {
  /** Reached by way of the default route alone. */
  readonly address = '203.0.113.9'
  readonly address6 = '2001:db8:113::9'

  private constructor(readonly host: Host) {}

  static async create(lab: Lab, hosts: readonly Host[]): Promise<Internet> {
    const host = await lab.addHost('internet', '192.168.56.1')
    const internet = new Internet(host)
    await host.ip(
      `address add ${internet.address}/32 dev lo`,
      `address add ${internet.address6}/128 dev lo`,
      `address add fd00:56::1/64 dev ${host.interface} nodad`,
    )
    for (const one of hosts) {
      await one.ip(
        `address add ${Internet.address6Of(one)}/64 dev ${one.interface} nodad`,
        'route add default via 192.168.56.1',
        'route add default via fd00:56::1',
      )
    }
    await host.start('python3', [whoami, String(port)]).line(/listening/)
    return internet
  }

  /** What a host is called out there: `192.168.56.130` -> `fd00:56::130`. */
  static address6Of({ address }: Host): string {
    return `fd00:56::${address.split('.').at(-1) ?? ''}`
  }

  /** The address that somebody is seen with out there; empty if not at all. */
  async sees(from: Namespace, family: 4 | 6 = 4): Promise<string> {
    const address = family === 4 ? this.address : this.address6
    const script = `exec 3<>/dev/tcp/${address}/${port} && cat <&3`
    const { stdout } = await from.attempt('timeout', [
      ...['3', 'bash', '-c', script],
    ])
    return stdout.trim()
  }
}
