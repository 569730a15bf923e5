import { addressOf } from '../../net/cidr.js'
import {
  parsePublishedPort,
  publishedPortProblem,
} from '../../net/published-port.js'
import type { PublishedPort } from '../../net/published-port.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment, Attachments } from '../attachments.js'
import type { Ground } from './ground.js'
import { addressesOf, macOf } from './ports.js'
import type { PortNote } from './ports.js'
import type { GatewayContainer } from './state.js'

/** A container on the bridge. */
export interface Place extends PortNote {
  readonly namespace: Namespace
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
      .filter(({ network }) => !network.internal)
    return {
      name: present[0]?.endpoint.name ?? place.namespace.defaultName,
      mac: macOf(place, ground),
      addresses: addressesOf(place, ground).map(addressOf),
      publish: present.flatMap(publishedBy),
    }
  })
}

/** Records of older versions may hold ports whose number is still open. */
function publishedBy({ endpoint }: Attachment): PublishedPort[] {
  return endpoint.publish
    .filter((text) => publishedPortProblem(text) === null)
    .flatMap((text) => {
      try {
        return parsePublishedPort(text)
      } catch {
        return []
      }
    })
}
