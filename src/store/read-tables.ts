import type { Logger } from '../base/log.js'
import { RecordReader } from './record-reader.js'
import { RecordTables } from './record-tables.js'
import type { Entry } from './store.js'

/** Records of a snapshot. What cannot be read counts as absent and is logged. */
export function readTables(
  entries: readonly Entry[],
  log: Logger,
): RecordTables {
  const reader = new RecordReader(log)
  const tables = new RecordTables()
  for (const { key, value, version } of entries) {
    const record = reader.read(key, value)
    if (record) tables.set(record, version)
  }
  return tables
}
