import type { Routes } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import type { EndpointParts } from '../endpoints/parts.js'
import type { Networks } from '../networks.js'
import type { NetworkMap } from './network-map.js'

/** What the driver needs beside what endpoints need. */
export interface DriverParts extends EndpointParts {
  readonly routes: Routes
  readonly networks: Networks
  readonly map: NetworkMap
  readonly endpoints: EndpointHands
}

/** What of `Endpoints` is for those that Docker has in hand, too. */
export interface EndpointHands {
  hold(id: string): void
  letGo(id: string): void
  release(attachment: Attachment): Promise<string[]>
  lose(attachment: Attachment): Promise<void>
  exclusively<T>(
    attachment: Pick<Attachment, 'namespace'>,
    task: () => Promise<T>,
  ): Promise<T>
}
