import type { Engine } from '../engine/engine.js'
import { announcement } from '../slowpath/announcement.js'
import type { ClusterView } from '../store/cluster-view.js'
import type { Attachments } from './attachments.js'
import type { Move } from './directories.js'
import type { EventLog } from './events/event-log.js'

export interface AnnouncementsParts {
  readonly engine: Engine
  readonly attachments: Attachments
  readonly view: Pick<ClusterView, 'networks'>
  readonly events: EventLog
}

/**
 * Tells the containers of this host when an address of their network has moved:
 * what their kernels have in their neighbour caches is not true any more. Each
 * daemon tells its own; nothing is flooded.
 */
export class Announcements {
  readonly #parts: AnnouncementsParts

  constructor(parts: AnnouncementsParts) {
    this.#parts = parts
  }

  /** After the forwarding table leads to the new places. */
  tell(moves: readonly Move[]): void {
    for (const move of moves) {
      this.#record(move)
      this.#announce(move)
    }
  }

  #record({ networkId, ip, from, to }: Move): void {
    const network =
      this.#parts.view.networks.get(networkId)?.value.name ?? networkId
    this.#parts.events.record(
      'address-moved',
      `${ip} of ${network} moved from ${from.name} on ${from.host} to ${to.name} on ${to.host}`,
      { host: to.host, network, endpoint: to.name, address: ip },
    )
  }

  /** To all but the one that has the address now. */
  #announce({ networkId, ip, to }: Move): void {
    const { attachments, engine } = this.#parts
    const frame = announcement({ ip, mac: to.mac })
    const frames = attachments
      .ofNetwork(networkId)
      .flatMap(({ endpoint, port }) =>
        port === null || endpoint.id === to.id ? [] : [{ frame, port }],
      )
    if (frames.length > 0) engine.inject(frames)
  }
}
