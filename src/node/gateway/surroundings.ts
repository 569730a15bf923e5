import { HostChecks } from './host-checks.js'
import type { HostCheckParts } from './host-checks.js'
import type { HostFinding } from './host-findings.js'
import { keepLoopback } from './loopback.js'
import { StaleFlows } from './stale-flows.js'
import type { GatewayState } from './state.js'
import type { System } from '../../system/system.js'

/** Between looks at the rules of others, unless something changes. */
const quietMs = 60_000
const busyMs = 10_000

/** What of the host has a part in the gateway, beside the bridge and our rules. */
export class Surroundings {
  readonly #system: System
  readonly #stale: StaleFlows
  readonly #checks: HostChecks
  readonly #state: () => GatewayState

  constructor(
    parts: HostCheckParts & { readonly system: System },
    state: () => GatewayState,
  ) {
    this.#system = parts.system
    this.#state = state
    this.#stale = new StaleFlows(parts)
    this.#checks = new HostChecks(parts, state)
  }

  /** To be called when the kernel has the rules of a state. */
  async follow(state: GatewayState): Promise<void> {
    await keepLoopback(this.#system.sysctls, state)
    await this.#stale.follow(state)
    void this.#checks.findings(busyMs)
  }

  /** To be called now and then. */
  async keep(): Promise<void> {
    await keepLoopback(this.#system.sysctls, this.#state())
    void this.#checks.findings(quietMs)
  }

  /** What is in the way now, and not ours to change. */
  findings(): Promise<readonly HostFinding[]> {
    return this.#checks.findings(0)
  }
}
