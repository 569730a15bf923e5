import { z } from 'zod'
import { errors } from '../base/errors.js'
import type { Json } from '../store/store.js'
import { applyChange } from './journal.js'
import type { JournalChange } from './journal.js'
import { decodeLines, encodeLine } from './lines.js'

/** Grows when an older overtap could misread the file. */
const currentVersion = 1

/** Whose journal it is. */
export interface JournalIdentity {
  readonly cluster: string
  readonly host: string
}

const headSchema = z.object({
  format: z.literal('overtap-journal'),
  version: z.int(),
  cluster: z.string(),
  host: z.string(),
})

const changeSchema = z.object({
  puts: z.array(z.object({ key: z.string(), value: z.json() })).optional(),
  deletes: z.array(z.string()).optional(),
})

export interface JournalContents {
  readonly entries: Map<string, Json>
  /** The end of the file that is torn or corrupt; usually empty. */
  readonly damaged: Buffer
}

/**
 * Reads as much of a journal as is whole. One of another host or cluster counts
 * as empty; while it holds containers it throws JOURNAL_FOREIGN. JOURNAL_NEWER.
 */
export function readContents(
  bytes: Buffer,
  own: JournalIdentity,
  path: string,
): JournalContents {
  const entries = new Map<string, Json>()
  let whole = 0
  let holder = own
  for (const { value, end } of decodeLines(bytes)) {
    if (whole === 0) {
      const head = headSchema.safeParse(value).data
      if (head === undefined) break
      if (head.version > currentVersion) {
        throw errors.JOURNAL_NEWER(path, head.version, currentVersion)
      }
      holder = head
    } else {
      const change = changeSchema.safeParse(value).data
      if (change === undefined) break
      applyChange(entries, change as JournalChange)
    }
    whole = end
  }
  const same = holder.cluster === own.cluster && holder.host === own.host
  if (!same) {
    const hasContainers = [...entries.keys()].some(isContainer)
    if (hasContainers) {
      throw errors.JOURNAL_FOREIGN(path, nameOf(holder), nameOf(own))
    }
    entries.clear()
  }
  return { entries, damaged: bytes.subarray(whole) }
}

/** The shortest file that says the same. */
export function writeContents(
  entries: ReadonlyMap<string, Json>,
  { cluster, host }: JournalIdentity,
): Buffer {
  const format = 'overtap-journal'
  const head = { format, version: currentVersion, cluster, host }
  return Buffer.concat([
    encodeLine(head),
    ...[...entries].map(([key, value]) =>
      encodeLine({ puts: [{ key, value }] }),
    ),
  ])
}

function isContainer(key: string): boolean {
  return key.startsWith('endpoint/')
}

function nameOf({ cluster, host }: JournalIdentity): string {
  return `host ${host} of cluster ${cluster}`
}
