import { errors } from '../../src/base/errors.js'
import { hostNamespace } from '../../src/node/endpoints/sandbox.js'
import type { NameServer } from '../../src/system/dns.js'
import type {
  HostAddress,
  Link,
  LinkSetup,
  Namespace,
  Route,
  Survey,
  System,
} from '../../src/system/system.js'
import { FakeHostPorts } from './fake-host-ports.js'
import { FakeUdpFlows } from './fake-udp-flows.js'
import type { TapHost } from './fake-engine.js'
import {
  FakeBridges,
  FakeFirewall,
  FakeSysctls,
  noRoutes,
} from './fake-gateway.js'
import { FakeUpstreams } from './fake-upstreams.js'

interface FakeNamespace {
  readonly identity: string
  readonly links: Map<string, Link>
}

let identities = 0

/** A host of plain data: namespaces with links, routes, resolv.conf files. */
export class FakeSystem implements System, TapHost {
  /** By path. */
  readonly configured = new Map<string, LinkSetup>()
  readonly resolvConfs = new Map<string, readonly string[]>()
  readonly foreignResolvConfs = new Set<string>()
  hostPrefixes: string[] = []
  hostAddresses: HostAddress[]
  hostRoutes: Route[] = []
  hostDefaultDevice: string | undefined
  /** What the next `configure` rejects with. */
  refusal: Error | undefined
  /** By path of the namespace. */
  readonly defaultRoutes = new Map<string, Survey['defaultRoutes']>()
  readonly bridges = new FakeBridges(this)
  readonly firewall = new FakeFirewall()
  readonly sysctls = new FakeSysctls()
  readonly #down = new Set<string>()
  /** Where a link is now that was there. */
  readonly #moved = new Map<string, { netns: string; name: string }>()
  readonly #namespaces = new Map<string, FakeNamespace>()

  constructor(address: string) {
    this.hostAddresses = [{ device: 'eth0', address, mtu: 1500 }]
    this.#namespaces.set(hostNamespace, {
      identity: `4:${++identities}`,
      links: new Map(),
    })
  }

  /** Makes a namespace at /run/netns/NAME. */
  addNamespace(name: string, ...links: readonly string[]): void {
    const namespace: FakeNamespace = {
      identity: `4:${++identities}`,
      links: new Map(),
    }
    this.#namespaces.set(`/run/netns/${name}`, namespace)
    for (const link of ['lo', ...links]) {
      const mac = '00:00:00:00:00:00'
      namespace.links.set(link, { name: link, mac, mtu: 1500, isTap: false })
    }
  }

  /** A second way to the same namespace. */
  addPath(path: string, name: string): void {
    this.#namespaces.set(path, this.#at(`/run/netns/${name}`))
  }

  /** A namespace that Docker makes, at a path of its own. */
  addSandbox(path: string): void {
    const identity = `4:${++identities}`
    this.#namespaces.set(path, { identity, links: new Map() })
  }

  removeSandbox(path: string): void {
    this.#namespaces.delete(path)
  }

  isDown(path: string, name: string): boolean {
    return this.#down.has(`${path} ${name}`)
  }

  /** Names of the links in any namespace. */
  linksAt(path: string): string[] {
    return [...this.#at(path).links.keys()]
  }

  /** As Docker does: from the host into a container, or back. */
  moveLink(from: string, name: string, to: string, newName: string): void {
    const link = this.#at(from).links.get(name)
    if (!link) throw new Error(`no ${name} in ${from}`)
    this.#at(from).links.delete(name)
    this.#at(to).links.set(newName, { ...link, name: newName })
    this.#moved.delete(`${to} ${newName}`)
    this.#moved.set(`${from} ${name}`, { netns: to, name: newName })
  }

  removeNamespace(name: string): void {
    const path = `/run/netns/${name}`
    this.bridges.namespaceGone(path)
    this.#namespaces.delete(path)
  }

  /** Names of the links inside that are not down, without loopback. */
  linksOf(name: string): string[] {
    const path = `/run/netns/${name}`
    return [...this.#at(path).links.keys()].filter(
      (link) => link !== 'lo' && !this.#down.has(`${path} ${link}`),
    )
  }

  addTap(netns: string, name: string, mac: string): void {
    this.#down.delete(`${netns} ${name}`)
    this.#at(netns).links.set(name, { name, mac, mtu: 1500, isTap: true })
  }

  configureLink(setup: LinkSetup): void {
    this.configured.set(`${setup.netns} ${setup.name}`, setup)
  }

  addVeth(netns: string, name: string, mac: string): void {
    this.#at(netns).links.set(name, { name, mac, mtu: 1500, isTap: false })
  }

  removeTap(netns: string, name: string): void {
    const now = this.#moved.get(`${netns} ${name}`)
    this.#moved.delete(`${netns} ${name}`)
    if (now) {
      this.removeTap(now.netns, now.name)
      return
    }
    this.#namespaces.get(netns)?.links.delete(name)
  }

  readonly ports = new FakeHostPorts()
  readonly udpFlows = new FakeUdpFlows()

  readonly namespaces = {
    resolve: (target: string): Promise<Namespace> => {
      const path = target.startsWith('/') ? target : `/run/netns/${target}`
      const found = this.#namespaces.get(path)
      if (!found) return reject(errors.NAMESPACE_NOT_FOUND(target, [path]))
      const last = path.slice(path.lastIndexOf('/') + 1)
      return Promise.resolve({
        path,
        identity: found.identity,
        defaultName: last,
        ...(path.startsWith('/run/netns/') && { name: last }),
      })
    },
  }

  /** By target. */
  readonly hostnames = new Map<string, string>()

  readonly links = {
    list: (netns: string): Promise<readonly Link[]> =>
      Promise.resolve([...this.#at(netns).links.values()]),
    configure: (setup: LinkSetup): Promise<void> => {
      const { refusal } = this
      this.refusal = undefined
      if (refusal) return reject(refusal)
      this.configureLink(setup)
      return Promise.resolve()
    },
    up: (netns: string, name: string): Promise<void> => {
      this.#down.delete(`${netns} ${name}`)
      return Promise.resolve()
    },
    down: (netns: string, name: string): Promise<void> => {
      this.configured.delete(`${netns} ${name}`)
      this.#down.add(`${netns} ${name}`)
      return Promise.resolve()
    },
    remove: (netns: string, name: string): Promise<void> => {
      this.removeTap(netns, name)
      return Promise.resolve()
    },
    survey: (netns: string): Promise<Survey> =>
      Promise.resolve({
        links: [...this.#at(netns).links.keys()],
        defaultRoutes: this.defaultRoutes.get(netns) ?? noRoutes,
        hasV6: true,
      }),
  }

  readonly routes = {
    to: (addresses: readonly string[]): Promise<readonly Route[]> =>
      Promise.resolve(
        this.hostRoutes.filter(({ to }) => addresses.includes(to)),
      ),
    defaultDevice: () => Promise.resolve(this.hostDefaultDevice),
    prefixes: () => Promise.resolve(this.hostPrefixes),
    addresses: () => Promise.resolve(this.hostAddresses),
  }

  readonly resolvConf = {
    write: (
      namespace: string,
      servers: readonly string[],
    ): Promise<'done' | 'foreign'> => {
      if (this.foreignResolvConfs.has(namespace)) {
        return Promise.resolve('foreign')
      }
      if (servers.length === 0) this.resolvConfs.delete(namespace)
      else this.resolvConfs.set(namespace, servers)
      return Promise.resolve('done')
    },
  }

  hostname(target: string): Promise<string | undefined> {
    return Promise.resolve(this.hostnames.get(target))
  }

  /** Nobody answers unless a test says so. */
  readonly dns = new FakeUpstreams()
  #servers: readonly NameServer[] = []
  readonly #followers = new Set<(servers: readonly NameServer[]) => void>()

  /** What the host's resolv.conf says from now on. */
  setNameServers(...addresses: readonly string[]): void {
    this.#servers = addresses.map((address) => ({ address, port: 53 }))
    for (const follower of this.#followers) follower(this.#servers)
  }

  readonly nameServers = {
    follow: (
      _: string,
      onChange: (servers: readonly NameServer[]) => void,
    ): Promise<() => void> => {
      this.#followers.add(onChange)
      onChange(this.#servers)
      return Promise.resolve(() => {
        this.#followers.delete(onChange)
      })
    },
  }

  notify(): Promise<void> {
    return Promise.resolve()
  }

  /** Tells daemons of different hosts apart, and of one host not. */
  hostId(): Promise<string> {
    return Promise.resolve(this.hostAddresses[0]?.address ?? 'nobody')
  }

  #at(path: string): FakeNamespace {
    const namespace = this.#namespaces.get(path)
    if (!namespace) throw errors.NAMESPACE_INVALID(path, 'it is gone')
    return namespace
  }
}

function reject(error: Error): Promise<never> {
  return Promise.reject(error)
}
