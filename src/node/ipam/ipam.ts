import { isOvertapError } from '../../base/errors.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { EventLog } from '../events/event-log.js'
import { networksAsked } from '../network-lookup.js'
import type { RecordWriter } from '../record-writer.js'
import type { Rows } from '../rows.js'
import type { FindingView, IpamUseCases, SubnetView } from '../use-cases.js'
import { findInconsistencies } from './consistency.js'
import type { ConsistencyParts } from './consistency.js'
import type { Finding } from './finding.js'
import { subnetViews } from './usage.js'

export interface IpamParts extends ConsistencyParts {
  readonly view: ClusterView
  readonly rows: Rows
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

  async list(reference?: string): Promise<readonly SubnetView[]> {
    const { view, rows } = this.#parts
    const found: SubnetView[] = []
    for await (const [network, some] of rows.ofEach(
      networksAsked(view, reference),
    )) {
      found.push(...subnetViews(network, some))
    }
    return found.sort((a, b) => (a.network.name < b.network.name ? -1 : 1))
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
