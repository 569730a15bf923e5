import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import { Recurring } from '../../base/recurring.js'
import type { Namespace, Namespaces } from '../../system/system.js'
import type { Attachments } from '../attachments.js'
import { namespaceAt } from './namespace-at.js'

export interface NamespaceWatchParts {
  readonly attachments: Attachments
  readonly namespaces: Namespaces
  readonly clock: Clock
  readonly log: Logger
  /** Called for each namespace that is gone; never rejects. */
  readonly onGone: (namespace: Namespace) => Promise<void>
}

const intervalMs = 1000

/**
 * Notices containers that end without being disconnected. An open TAP keeps
 * its namespace alive (drivers/net/tun.c: the file holds a reference to the
 * namespace it was opened in), so that the kernel would never tell: a
 * namespace is gone when its path leads to it no more.
 */
export class NamespaceWatch {
  readonly #parts: NamespaceWatchParts
  readonly #recurring: Recurring

  constructor(parts: NamespaceWatchParts) {
    this.#parts = parts
    this.#recurring = new Recurring({
      clock: parts.clock,
      everyMs: intervalMs,
      turn: () => this.#look(),
      onError: (error) => {
        parts.log.error({ err: error }, 'containers are looked at later')
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
    const { attachments, log, onGone } = this.#parts
    const namespaces = new Map(
      attachments
        .all()
        .filter(({ endpoint }) => endpoint.driver === undefined)
        .map(({ namespace }) => [namespace.identity, namespace]),
    )
    for (const namespace of namespaces.values()) {
      try {
        if (await this.#isGone(namespace)) await onGone(namespace)
      } catch (error) {
        log.error(
          { err: error, netns: namespace.path },
          'cannot tell whether a container is still there',
        )
      }
    }
  }

  async #isGone({ path, identity }: Namespace): Promise<boolean> {
    const now = await namespaceAt(this.#parts.namespaces, path)
    return now?.identity !== identity
  }
}
