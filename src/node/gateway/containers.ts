import { addressOf } from '../../net/cidr.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment, Attachments } from '../attachments.js'
import type { Ground } from './ground.js'
import { addressesOf, macOf } from './ports.js'
import type { PortNote } from './ports.js'
import { recordedPorts } from './published-ports.js'
import type { GatewayContainer } from './state.js'

/** A container on the bridge. */
export interface Place extends PortNote {
  readonly namespace: Namespace
}

/** Docker gives its own containers a way outside. */
export function leadsOutside({ endpoint, network }: Attachment): boolean {
  return !network.internal && endpoint.driver === undefined
}

/** As the rules see them. */
export function containersOf(
  places: readonly Place[],
  ground: Ground | null,
  attachments: Attachments,
): GatewayContainer[] {
  if (ground === null) return []
  return places.map((place) => {
    const present = attachments
      .ofNamespace(place.namespace)
      .filter(leadsOutside)
    return {
      name: present[0]?.endpoint.name ?? place.namespace.defaultName,
      mac: macOf(place, ground),
      addresses: addressesOf(place, ground).map(addressOf),
      publish: present.flatMap(({ endpoint }) => recordedPorts(endpoint)),
    }
  })
}
