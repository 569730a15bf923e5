import type { Config } from '../../base/config.js'
import type { Logger } from '../../base/log.js'
import { isIp, canonicalIp } from '../../net/ip.js'
import { parseVtep, vtepText } from '../../net/vtep.js'
import type { ClusterView, RecordChange } from '../../store/cluster-view.js'
import type { NameServer } from '../../system/dns.js'
import type { System } from '../../system/system.js'

export interface UpstreamsParts {
  readonly config: Pick<Config, 'dns' | 'resolvConf'>
  readonly system: Pick<System, 'nameServers'>
  readonly view: Pick<ClusterView, 'networks'>
  readonly log: Logger
}

const DNS_PORT = 53

/** Whom to ask for names outside: those configured, or those the host asks. */
export class Upstreams {
  readonly #parts: UpstreamsParts
  readonly #onChange: () => void
  #told: readonly NameServer[] = []
  #usable: readonly NameServer[] = []
  #unfollow = (): void => undefined

  constructor(parts: UpstreamsParts, onChange: () => void) {
    this.#parts = parts
    this.#onChange = onChange
  }

  async start(): Promise<void> {
    const { config, system } = this.#parts
    if (config.dns.length > 0) {
      this.#tell(config.dns.flatMap((text) => parseVtep(text, DNS_PORT) ?? []))
      return
    }
    this.#unfollow = await system.nameServers.follow(
      config.resolvConf,
      (servers) => {
        this.#tell(servers)
      },
    )
  }

  stop(): void {
    this.#unfollow()
  }

  /** In the order to ask. */
  servers(): readonly NameServer[] {
    return this.#usable
  }

  /** Why there are none; empty when there are. */
  get problem(): string {
    if (this.#usable.length > 0) return ''
    const { dns, resolvConf } = this.#parts.config
    if (this.#told.length > 0) {
      const names = this.#told.map(vtepText).join(', ')
      return `the name servers (${names}) are gateways of overtap networks`
    }
    return dns.length > 0
      ? 'not started yet'
      : `there is no name server in ${resolvConf}`
  }

  /** A network may come or go that has a server's address for its gateway. */
  apply(changes: readonly RecordChange[]): void {
    if (changes.some(({ kind }) => kind === 'network')) this.#sift()
  }

  #tell(servers: readonly NameServer[]): void {
    this.#told = servers
    const names = servers.map(vtepText).join(', ') || 'nobody'
    this.#parts.log.info({}, `names outside are asked of ${names}`)
    this.#sift()
  }

  /** What asks at a gateway address of ours would be told to ask there. */
  #sift(): void {
    const usable = this.#told.filter((server) => !this.#isOurs(server))
    const before = this.#usable
    if (usable.map(vtepText).join() === before.map(vtepText).join()) return
    this.#usable = usable
    for (const server of this.#told) {
      if (usable.includes(server)) continue
      this.#parts.log.warn(
        { address: server.address },
        'a name server is the gateway of an overtap network, and not asked: it would ask itself',
      )
    }
    this.#onChange()
  }

  #isOurs({ address }: NameServer): boolean {
    if (!isIp(address)) return false
    const ip = canonicalIp(address)
    return [...this.#parts.view.networks.values()].some(({ value }) =>
      value.subnets.some(({ gateway }) => canonicalIp(gateway) === ip),
    )
  }
}
