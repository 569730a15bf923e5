import type { HostPhase } from './host-phase.js'

/**
 * Hosts that are late with their sign of life, as the janitor last saw them.
 * Names are answered without what runs there, while there are others.
 */
export class DoubtfulHosts {
  #names: ReadonlySet<string> = new Set()

  readonly has = (host: string): boolean => this.#names.has(host)

  see(phases: ReadonlyMap<string, HostPhase>): void {
    const late = [...phases].filter(([, phase]) => phase !== 'up')
    this.#names = new Set(late.map(([host]) => host))
  }

  /** What was seen says nothing any more. */
  forget(): void {
    this.#names = new Set()
  }
}
