import type { Clock } from '../../base/clock.js'
import type { Config } from '../../base/config.js'
import type { Logger } from '../../base/log.js'
import type { Engine } from '../../engine/engine.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { System } from '../../system/system.js'
import type { Attachments } from '../attachments.js'
import type { Directories } from '../directories.js'
import type { EventLog } from '../events/event-log.js'
import type { Gateway } from '../gateway/gateway.js'
import type { Forwarding } from '../forwarding/forwarding.js'
import type { PublishedPorts } from '../gateway/published-ports.js'
import type { Membership } from '../membership.js'
import type { Rows } from '../rows.js'
import type { OwnRecords } from '../ownership/own-records.js'
import type { AddressIndex } from './address-index.js'
import type { RecordWriter } from '../record-writer.js'
import type { Vtep } from '../../net/vtep.js'

/** What attaching and detaching containers needs. */
export interface EndpointParts {
  readonly config: Config
  /** This host's own VTEP. */
  readonly vtep: Vtep
  readonly view: ClusterView
  readonly writer: RecordWriter
  readonly engine: Engine
  readonly system: System
  readonly attachments: Attachments
  readonly addresses: AddressIndex
  readonly directories: Directories
  readonly forwarding: Forwarding
  readonly membership: Membership
  /** Ports of this host that lead to containers. */
  readonly published: PublishedPorts
  /** The way outside. */
  readonly gateway: Gateway
  /** Endpoints of other networks than this host is on. */
  readonly rows: Rows
  /** The journal, by which a container outlives this daemon. */
  readonly own: OwnRecords
  readonly events: EventLog
  readonly clock: Clock
  readonly log: Logger
}
