import type { Clock } from '../../base/clock.js'
import type { Config } from '../../base/config.js'
import { errors } from '../../base/errors.js'
import type { Logger } from '../../base/log.js'
import { Recurring } from '../../base/recurring.js'
import { Serialised } from '../../base/serialised.js'
import { parseCidr } from '../../net/cidr.js'
import type { IpVersion } from '../../net/ip.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { Namespace, System } from '../../system/system.js'
import type { Attachments } from '../attachments.js'
import type { EventLog } from '../events/event-log.js'
import { containersOf, leadsOutside } from './containers.js'
import type { Place } from './containers.js'
import { bridgeAlias, findGround, makeGround } from './ground.js'
import type { Ground } from './ground.js'
import { plug } from './plug.js'
import { Places } from './places.js'
import { addressesOf, portPrefix, portSetup, readPort } from './ports.js'
import { hostNumber, numbered } from './ranges.js'
import { repairPorts } from './repair-ports.js'
import { RulesKeeper } from './rules-keeper.js'
import { bridgeName } from './state.js'
import type { GatewayState } from './state.js'
import { Surroundings } from './surroundings.js'

export interface GatewayParts {
  readonly config: Pick<Config, 'gateway' | 'host'>
  readonly system: System
  readonly view: Pick<ClusterView, 'networks'>
  readonly attachments: Attachments
  readonly events: EventLog
  readonly clock: Clock
  readonly log: Logger
}

const intervalMs = 10_000

/** What of a container leads to the outside. */
export interface GatewayView {
  readonly interface: string
  /** With prefix length. */
  readonly addresses: readonly string[]
}

export interface GatewayStatus {
  /** `idle`: no container needs it. */
  readonly state: 'on' | 'idle' | 'off' | 'unavailable'
  /** Why it is unavailable; else empty. */
  readonly reason: string
  readonly bridge: string
  readonly subnets: readonly string[]
  readonly containers: number
}

/**
 * The way outside: one bridge for all containers of the host that are on a
 * network which is not internal, one port per container.
 */
export class Gateway {
  readonly #parts: GatewayParts
  readonly #rules: RulesKeeper
  readonly surroundings: Surroundings
  /** The bridge is made and removed by one at a time. */
  readonly #changing = new Serialised()
  readonly #places = new Places()
  /** By identity of the namespace: the watch settles, too. */
  readonly #inTurn = new Serialised()
  /** Identities of those that are being connected or disconnected. */
  readonly #busy = new Set<string>()
  #ground: Ground | null = null
  /** Why there is no way outside. */
  #problem: string | null = null
  readonly #watch: Recurring

  constructor(parts: GatewayParts) {
    this.#parts = parts
    this.surroundings = new Surroundings(parts, () => this.#state())
    this.#rules = new RulesKeeper(
      parts.system.firewall,
      () => this.#state(),
      (state) => this.surroundings.follow(state),
    )
    this.#watch = new Recurring({
      clock: parts.clock,
      everyMs: intervalMs,
      turn: () => this.#look(),
      onError: (error) => {
        parts.log.warn({ err: error }, 'the way outside cannot be put right')
      },
    })
  }

  get isOff(): boolean {
    return this.#parts.config.gateway.subnet === 'off'
  }

  /** Finds out what the daemon before left; nothing is changed. */
  async start(): Promise<void> {
    if (this.isOff) return
    await this.#probe()
    await this.#findPorts()
    this.#watch.start()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  /** Families in which containers can have published ports. */
  families(): readonly IpVersion[] {
    if (this.#ground !== null) {
      return this.#ground.subnets.map((subnet) => parseCidr(subnet).version)
    }
    return this.#parts.config.gateway.subnet6 === 'off' ? [4] : [4, 6]
  }

  status(): GatewayStatus {
    return {
      state: this.#stateWord(),
      reason: this.#problem ?? '',
      bridge: bridgeName,
      subnets: this.#ground?.subnets ?? [],
      containers: this.#places.size,
    }
  }

  /** Undefined for a container without. */
  viewOf(namespace: Namespace): GatewayView | undefined {
    const place = this.#places.get(namespace.identity)
    if (place === undefined || this.#ground === null) return undefined
    const addresses = addressesOf(place, this.#ground)
    return { interface: place.interface, addresses }
  }

  /**
   * Gives a container its port when one of its networks needs it, takes it away
   * when none does, and brings the rules up to date. To be called after each
   * change to its attachments.
   */
  async settle(namespace: Namespace): Promise<void> {
    if (this.isOff) return
    await this.#inTurn.run(namespace.identity, () => this.#settle(namespace))
  }

  async #settle(namespace: Namespace): Promise<void> {
    const { identity } = namespace
    this.#busy.add(identity)
    try {
      const needed = this.#isNeeded(namespace)
      const place = this.#places.get(identity) ?? this.#takeOver(namespace)
      if (needed && place === undefined) await this.#connect(namespace)
      else if (!needed && place !== undefined) await this.#disconnect(place)
      if (this.#places.size > 0 && this.#problem === null) {
        const refreshed = this.#rules.refresh()
        await (needed ? refreshed : this.#tolerate(refreshed))
      }
    } finally {
      this.#busy.delete(identity)
    }
  }

  /** Rules of a container that has left do no harm, and are seen to later. */
  #tolerate(done: Promise<void>): Promise<void> {
    return done.catch((error: unknown) => {
      this.#parts.log.warn({ err: error }, 'the rules are out of date')
    })
  }

  /** A container of the daemon before is here again. The rules follow in `sweep`. */
  async adopt(namespace: Namespace): Promise<void> {
    if (this.isOff || !this.#isNeeded(namespace)) return
    if (this.#takeOver(namespace) === undefined) await this.settle(namespace)
  }

  /** All containers are here again: what is left of others goes. */
  async sweep(): Promise<void> {
    if (this.isOff) return
    for (const note of this.#places.takeLeftovers()) {
      if (this.#ground === null) break
      await this.#parts.system.bridges.removePort(
        portSetup(note, '', this.#ground),
      )
    }
    await this.#removeIfUnused()
    if (this.#places.size > 0) await this.#rules.refresh()
  }

  #stateWord(): GatewayStatus['state'] {
    if (this.isOff) return 'off'
    if (this.#problem !== null) return 'unavailable'
    return this.#ground === null ? 'idle' : 'on'
  }

  #isNeeded(namespace: Namespace): boolean {
    return this.#parts.attachments.ofNamespace(namespace).some(leadsOutside)
  }

  #state(): GatewayState {
    const { subnets } = this.#ground ?? { subnets: [] }
    return {
      bridge: bridgeName,
      subnets,
      gateways: subnets.map((subnet) => numbered(subnet, hostNumber)),
      containers: containersOf(
        this.#places.all(),
        this.#ground,
        this.#parts.attachments,
      ),
    }
  }

  async #probe(): Promise<void> {
    this.#problem = await this.#parts.system.firewall.problem()
    if (this.#problem === null) return
    this.#parts.log.warn(
      { reason: this.#problem },
      'containers have no way outside',
    )
  }

  async #findPorts(): Promise<void> {
    const { system, log } = this.#parts
    try {
      this.#ground = await findGround(this.#parts)
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error)
      log.warn({ err: error }, 'containers have no way outside')
    }
    for (const port of await system.bridges.ports(portPrefix)) {
      const note = readPort(port)
      if (note === null || !port.ready) {
        await system.bridges.removeLink(port.name)
      } else this.#places.find(note)
    }
  }

  #takeOver(namespace: Namespace): Place | undefined {
    return this.#ground === null ? undefined : this.#places.takeOver(namespace)
  }

  async #connect(namespace: Namespace): Promise<void> {
    const { identity } = namespace
    if (this.#problem !== null) {
      throw errors.GATEWAY_UNAVAILABLE(namespace.defaultName, this.#problem)
    }
    const { place, ground } = await this.#changing.run('', async () => {
      this.#ground ??=
        (await findGround(this.#parts)) ?? (await makeGround(this.#parts))
      const number = this.#places.nextNumber(this.#ground)
      const place = { number, identity, interface: '', namespace }
      this.#places.put(place)
      return { place, ground: this.#ground }
    })
    try {
      this.#places.put(await plug(place, ground, this.#parts))
    } catch (error) {
      await this.#forget(place)
      throw error
    }
  }

  async #disconnect(place: Place): Promise<void> {
    const { bridges } = this.#parts.system
    if (this.#ground !== null) {
      await bridges.removePort(portSetup(place, '', this.#ground))
    }
    await this.#forget(place)
  }

  async #forget({ identity }: Place): Promise<void> {
    this.#places.remove(identity)
    await this.#removeIfUnused()
  }

  /** A bridge that somebody else made stays. */
  #removeIfUnused(): Promise<void> {
    return this.#changing.run('', async () => {
      if (!this.#places.isUnused) return
      if (this.#problem !== null && this.#ground === null) return
      const { bridges } = this.#parts.system
      if (this.#problem === null) await this.#tolerate(this.#rules.remove())
      const bridge = await bridges.find(bridgeName)
      if (bridge?.alias === bridgeAlias) await bridges.remove(bridgeName)
      this.#ground = null
      this.#places.startOver()
    })
  }

  /** What somebody else removed or changed is put right. */
  async #look(): Promise<void> {
    if (this.#problem !== null) await this.#probe()
    if (this.#problem !== null) return
    await this.#lookAtBridge()
    await this.#lookAtRules()
    await this.#settleOwed()
  }

  async #lookAtRules(): Promise<void> {
    if (this.#places.size === 0) return
    await this.surroundings.keep()
    if (await this.#rules.isIntact()) return this.#rules.refresh()
    this.#report('its rules were changed; they are loaded again')
    await this.#rules.reload()
  }

  async #lookAtBridge(): Promise<void> {
    const { bridges } = this.#parts.system
    await this.#changing.run('', async () => {
      if (this.#ground === null) return
      if ((await bridges.find(bridgeName)) === null) {
        this.#report('the bridge was removed; it is made again')
        this.#ground = await makeGround(this.#parts, this.#ground)
      }
      await repairPorts(this.#places, this.#ground, bridges, (identity) =>
        this.#busy.has(identity),
      )
    })
  }

  /**
   * Containers that should have a port, and have none. One whose TAP is not open
   * is being connected: it will ask, and its first interface is the TAP.
   */
  async #settleOwed(): Promise<void> {
    const { attachments, log } = this.#parts
    const open = attachments.all().filter(({ port }) => port !== null)
    const namespaces = new Map(
      open.map(({ namespace }) => [namespace.identity, namespace]),
    )
    for (const [identity, namespace] of namespaces) {
      if (this.#places.get(identity) ?? this.#busy.has(identity)) continue
      if (!this.#isNeeded(namespace)) continue
      await this.settle(namespace).catch((error: unknown) => {
        log.warn(
          { err: error, netns: namespace.path },
          'a container has no way outside',
        )
      })
    }
  }

  #report(what: string): void {
    const { log, events, config } = this.#parts
    const message = `the gateway of ${config.host}: ${what}`
    log.warn({}, message)
    events.record('gateway-repaired', message, { host: config.host })
  }
}
