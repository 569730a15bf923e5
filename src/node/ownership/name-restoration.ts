import type { Logger } from '../../base/log.js'
import type { ClusterView } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { Network } from '../../store/records.js'
import type { EventLog } from '../events/event-log.js'
import type { RecordWriter } from '../record-writer.js'
import type { PresentRecords } from './present-records.js'

export interface NameRestorationParts {
  readonly host: string
  readonly view: Pick<ClusterView, 'dnsRecords' | 'vanished'>
  readonly writer: RecordWriter
  readonly events: EventLog
  readonly log: Logger
}

/**
 * Writes names again that somebody gave by hand and a store that lost its data
 * no longer has. They are nobody's: whoever on the network still has them in
 * its copy does it, and of several the first. STORE_CONFLICT for the others.
 */
export async function bringBackNames(
  { id, name: network }: Network,
  present: PresentRecords,
  { host, view, writer, events, log }: NameRestorationParts,
): Promise<void> {
  const lost = [...view.dnsRecords(id).values()]
    .map(({ value }) => ({ key: keys.dnsRecord(id, value.name), value }))
    .filter(({ key }) => view.vanished(key) && present.version(key) === null)
  if (lost.length === 0) return
  await writer.commit({
    guards: [
      { key: keys.network(id), version: present.version(keys.network(id)) },
      ...lost.map(({ key }) => ({ key, version: null })),
    ],
    puts: lost,
  })
  const names = lost.map(({ value }) => value.name).join(', ')
  log.warn({ network }, `names were gone from the store; restored: ${names}`)
  const message = `names of ${network} were gone from the store; restored: ${names}`
  events.record('record-restored', message, { host, network })
}
