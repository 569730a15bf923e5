import type { Firewall } from '../../system/system.js'
import { ruleset, tableName } from './rules.js'
import type { GatewayState } from './state.js'

/** Characters; some two thousand published ports. */
const largeRules = 100_000

/**
 * Keeps our table equal to the state. Many changes at once are one transaction:
 * who waits is told when one that began later is done.
 */
export class RulesKeeper {
  readonly #firewall: Firewall
  readonly #state: () => GatewayState
  readonly #onLoaded: (state: GatewayState) => Promise<void>
  /** What was loaded last; null when the table is not known to be there. */
  #loaded: string | null = null
  /** The same as the kernel tells it. */
  #listed: string | null = null
  /** Elements of maps by the thousand take nft seconds: they are trusted then. */
  #detail: 'all' | 'rules' = 'all'
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  /** `onLoaded` is waited for when the kernel has the rules of a state. */
  constructor(
    firewall: Firewall,
    state: () => GatewayState,
    onLoaded: (state: GatewayState) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#firewall = firewall
    this.#state = state
    this.#onLoaded = onLoaded
  }

  /** Resolves when the kernel has the rules of now; does nothing when it has. */
  refresh(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#load().finally(() => (this.#running = null))
      return this.#running
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null
        return this.refresh()
      })
    return this.#next
  }

  /** Whether somebody else changed or removed the table. */
  async isIntact(): Promise<boolean> {
    const before = this.#listed
    const now = await this.#firewall.list(tableName, this.#detail)
    // A table that was loaded meanwhile is looked at next time.
    return before === null || before !== this.#listed || now === before
  }

  /** Loads it in any case. */
  reload(): Promise<void> {
    this.#loaded = null
    return this.refresh()
  }

  async remove(): Promise<void> {
    await this.#running?.catch(() => undefined)
    this.#loaded = null
    this.#listed = null
    await this.#firewall.remove(tableName)
  }

  async #load(): Promise<void> {
    const state = this.#state()
    const rules = ruleset(state)
    if (rules === this.#loaded) return
    this.#loaded = null
    this.#listed = null
    this.#detail = rules.length > largeRules ? 'rules' : 'all'
    this.#listed = await this.#firewall.load(rules, tableName, this.#detail)
    this.#loaded = rules
    await this.#onLoaded(state)
  }
}
