import type { Logger } from '../../base/log.js'
import { cidrContains } from '../../net/cidr.js'
import { ipVersion } from '../../net/ip.js'
import type { System, UdpFlow } from '../../system/system.js'
import { leadsOf } from './publish-rules.js'
import type { Lead } from './publish-rules.js'
import type { GatewayState } from './state.js'

/**
 * The kernel asks the rules once per conversation, and one of UDP ends when
 * nobody has sent for a while: who sends on would go on reaching where the port
 * led before. Those are forgotten when a published port changes.
 */
export class StaleFlows {
  readonly #system: Pick<System, 'udpFlows' | 'routes'>
  readonly #log: Logger
  /** What the rules said when they were last looked at; by `key`. */
  #leads: ReadonlyMap<string, Lead> = new Map()
  #isKnown = true

  constructor(parts: {
    readonly system: Pick<System, 'udpFlows' | 'routes'>
    readonly log: Logger
  }) {
    this.#system = parts.system
    this.#log = parts.log
  }

  /** To be called when the kernel has the rules of a state; never rejects. */
  async follow(state: GatewayState): Promise<void> {
    const before = this.#leads
    this.#leads = new Map(
      leadsOf(state)
        .filter(({ protocol }) => protocol === 'udp')
        .map((lead) => [key(lead), lead]),
    )
    const ports = changed(before, this.#leads)
    if (ports.size === 0) return
    try {
      await this.#forget(ports)
      this.#isKnown = true
    } catch (error) {
      if (this.#isKnown) {
        this.#log.warn(
          { err: error },
          'UDP clients that go on sending may not reach a port that was published just now: is conntrack installed?',
        )
      }
      this.#isKnown = false
    }
  }

  async #forget(ports: ReadonlySet<number>): Promise<void> {
    const flows = await this.#system.udpFlows.to(ports)
    if (flows.length === 0) return
    const own = new Set(
      (await this.#system.routes.addresses()).map(({ address }) => address),
    )
    for (const flow of flows) {
      if (!isOwn(flow.to, own) || this.#isRight(flow)) continue
      await this.#system.udpFlows.forget(flow)
    }
  }

  #isRight({ to, port, answerer }: UdpFlow): boolean {
    const lead =
      this.#leads.get(`${to} ${port}`) ??
      this.#leads.get(`${ipVersion(to)} ${port}`)
    return answerer === (lead?.to ?? to)
  }
}

/** By address, or by family for all of them. */
function key({ ip, port, to }: Lead): string {
  return `${ip ?? ipVersion(to)} ${port}`
}

function changed(
  before: ReadonlyMap<string, Lead>,
  now: ReadonlyMap<string, Lead>,
): Set<number> {
  const ports = new Set<number>()
  for (const [one, other] of [
    [before, now],
    [now, before],
  ] as const) {
    for (const [key, { port, to, toPort }] of one) {
      const there = other.get(key)
      if (there?.to !== to || there.toPort !== toPort) ports.add(port)
    }
  }
  return ports
}

function isOwn(address: string, own: ReadonlySet<string>): boolean {
  return own.has(address) || cidrContains('127.0.0.0/8', address)
}
