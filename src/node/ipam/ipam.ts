import { isOvertapError } from '../../base/errors.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { EventLog } from '../events/event-log.js'
import { findNetwork } from '../network-lookup.js'
import type { RecordWriter } from '../record-writer.js'
import type { FindingView, IpamUseCases, SubnetView } from '../use-cases.js'
import { findInconsistencies } from './consistency.js'
import type { ConsistencyParts } from './consistency.js'
import type { Finding } from './finding.js'
import { subnetViews } from './usage.js'

export interface IpamParts extends ConsistencyParts {
  readonly view: ClusterView
  readonly writer: RecordWriter
  readonly events: EventLog
}

/** A repair can bring something else to light; then it is done again. */
const maxRounds = 4

export class Ipam implements IpamUseCases {
  readonly #parts: IpamParts

  constructor(parts: IpamParts) {
    this.#parts = parts
  }

  list(reference?: string): readonly SubnetView[] {
    const { view } = this.#parts
    const networks =
      reference === undefined
        ? [...view.networks.values()]
        : [findNetwork(view, reference)]
    return networks
      .map(({ value }) => value)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((network) => subnetViews(network, view))
  }

  async check({ repair }: { readonly repair: boolean }) {
    this.#parts.writer.requireSettled()
    const repaired: FindingView[] = []
    for (let round = 1; ; round++) {
      const findings = await findInconsistencies(this.#parts)
      const mended = repair ? await this.#repairAll(findings) : []
      repaired.push(...mended.map((finding) => show(finding, true)))
      if (mended.length > 0 && round < maxRounds) continue
      const left = findings.filter((finding) => !mended.includes(finding))
      return [...repaired, ...left.map((finding) => show(finding, false))]
    }
  }

  /** Resolves to what it mended. */
  async #repairAll(findings: readonly Finding[]): Promise<Finding[]> {
    const mended: Finding[] = []
    for (const finding of findings) {
      if (await this.#repair(finding)) mended.push(finding)
    }
    return mended
  }

  /** What changed since it was found is left alone. */
  async #repair({ repair, problem, remedy, about }: Finding): Promise<boolean> {
    const { writer, events, log } = this.#parts
    if (repair === null) return false
    try {
      await writer.commit(repair)
    } catch (error) {
      if (isOvertapError(error, 'STORE_CONFLICT')) return false
      throw error
    }
    events.record('drift-repaired', `${problem}: ${remedy}`, about)
    log.warn({ ...about }, `repaired: ${problem}`)
    return true
  }
}

function show(
  { kind, key, problem, remedy, about }: Finding,
  repaired: boolean,
): FindingView {
  return { kind, key, problem, remedy, repaired, ...about }
}
