import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import { Recurring } from '../../base/recurring.js'
import type { System } from '../../system/system.js'
import type { Attachment, Attachments } from '../attachments.js'
import { namespaceAt } from '../endpoints/namespace-at.js'
import { hostLinkName, hostNamespace } from '../endpoints/sandbox.js'
import type { EndpointHands } from './parts.js'

export interface SandboxWatchParts {
  readonly attachments: Attachments
  readonly system: Pick<System, 'links' | 'namespaces'>
  readonly endpoints: Pick<EndpointHands, 'lose'>
  readonly clock: Clock
  readonly log: Logger
}

const intervalMs = 30_000

/**
 * Finds what Docker has left behind when it was killed in the midst: an
 * interface that it did not move into a container, or back from it and did not
 * delete. What is so twice in a row is released. Docker itself is not asked.
 */
export class SandboxWatch {
  readonly #parts: SandboxWatchParts
  #doubtful: ReadonlySet<string> = new Set()
  /** Whose sandbox has been there: others may be where this daemon cannot look. */
  readonly #seen = new WeakSet<Attachment>()
  readonly #recurring: Recurring

  constructor(parts: SandboxWatchParts) {
    this.#parts = parts
    this.#recurring = new Recurring({
      clock: parts.clock,
      everyMs: intervalMs,
      turn: () => this.#look(),
      onError: (error) => {
        parts.log.warn({ err: error }, 'sandboxes are looked at later')
      },
    })
  }

  start(): void {
    this.#recurring.start()
  }

  stop(): Promise<void> {
    return this.#recurring.stop()
  }

  async #look(): Promise<void> {
    const { attachments, endpoints, system } = this.#parts
    const driven = attachments.all().filter(({ endpoint }) => endpoint.driver)
    if (driven.length === 0) return
    const host = await system.links.list(hostNamespace)
    const onHost = new Set(host.map(({ name }) => name))
    const doubtful = new Set<string>()
    for (const attachment of driven) {
      const { id } = attachment.endpoint
      const outside = onHost.has(hostLinkName(id))
      if (!outside && !(await this.#isGone(attachment))) continue
      if (this.#doubtful.has(id)) await endpoints.lose(attachment)
      else doubtful.add(id)
    }
    this.#doubtful = doubtful
  }

  async #isGone(attachment: Attachment): Promise<boolean> {
    const { namespaces } = this.#parts.system
    const { netns } = attachment.endpoint
    if ((await namespaceAt(namespaces, netns)) === null) {
      return this.#seen.has(attachment)
    }
    this.#seen.add(attachment)
    return false
  }
}
