import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import type { System } from '../../system/system.js'
import { hostFindings, sysctlNames } from './host-findings.js'
import type { HostFinding } from './host-findings.js'
import { tableName } from './rules.js'
import type { GatewayState } from './state.js'

export interface HostCheckParts {
  readonly system: Pick<System, 'firewall' | 'routes' | 'sysctls'>
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Looks for what keeps packets of the gateway from where they should go and is
 * not ours to change, and tells the log when something comes or goes.
 */
export class HostChecks {
  readonly #parts: HostCheckParts
  readonly #state: () => GatewayState
  #found: readonly HostFinding[] = []
  #lookedAt = -Infinity
  #looking: Promise<void> | null = null

  constructor(parts: HostCheckParts, state: () => GatewayState) {
    this.#parts = parts
    this.#state = state
  }

  /** Of now, or of a time so many milliseconds ago; never rejects. */
  async findings(maxAgeMs: number): Promise<readonly HostFinding[]> {
    const age = this.#parts.clock.monotonic() - this.#lookedAt
    if (age > maxAgeMs) {
      this.#looking ??= this.#look().finally(() => (this.#looking = null))
      await this.#looking
    }
    return this.#found
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#parts
    this.#lookedAt = clock.monotonic()
    try {
      const found = await this.#findings()
      this.#tell(found)
      this.#found = found
    } catch (error) {
      log.warn({ err: error }, 'the rules of this host cannot be read')
    }
  }

  async #findings(): Promise<HostFinding[]> {
    const { bridge, subnets, containers } = this.#state()
    if (containers.length === 0) return []
    const { firewall } = this.#parts.system
    return hostFindings({
      bridge,
      device: await this.#device(),
      publishes: containers.some(({ publish }) => publish.length > 0),
      hasIpv6: subnets.some((subnet) => subnet.includes(':')),
      sysctls: await this.#sysctls(),
      tables: await firewall.forwarding(tableName),
    })
  }

  /** The host may know no way but to its neighbours. */
  async #device(): Promise<string> {
    const { routes } = this.#parts.system
    const device = await routes.defaultDevice()
    if (device !== undefined) return device
    const [first] = await routes.addresses()
    return first?.device ?? ''
  }

  async #sysctls(): Promise<Map<string, string>> {
    const { sysctls } = this.#parts.system
    const values = new Map<string, string>()
    for (const name of Object.values(sysctlNames)) {
      const value = await sysctls.get(name)
      if (value !== null) values.set(name, value)
    }
    return values
  }

  #tell(found: readonly HostFinding[]): void {
    const { log } = this.#parts
    const isIn = (list: readonly HostFinding[], { problem }: HostFinding) =>
      list.some((one) => one.problem === problem)
    for (const finding of found.filter((one) => !isIn(this.#found, one))) {
      log.warn({ remedy: finding.remedy }, finding.problem)
    }
    for (const finding of this.#found.filter((one) => !isIn(found, one))) {
      log.info({}, `no longer so: ${finding.problem}`)
    }
  }
}
