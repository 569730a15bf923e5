import { COUNT, TYPE, viewOf } from './message-map.js'
import type { MessageMap, RecordPlace } from './message-map.js'

/** In the third byte of a message. */
const TRUNCATED = 0x02
const sections = ['answer', 'authority', 'additional'] as const

/**
 * As many whole records as fit, and EDNS without options. Marked truncated if
 * what is missing was asked for: without what goes beside an answer it is an
 * answer yet (RFC 2181 section 9).
 */
export function trimmed(
  message: Uint8Array,
  { questionEnd, records }: MessageMap,
  limit: number,
): Uint8Array {
  const opt = bareOpt(message, records)
  const candidates = beforeOpt(records)
  const kept = candidates.filter(({ end }) => end <= limit - opt.length)
  const end = kept.at(-1)?.end ?? questionEnd
  const cut = new Uint8Array(end + opt.length)
  cut.set(message.subarray(0, end))
  cut.set(opt, end)
  const view = viewOf(cut)
  for (const section of sections)
    view.setUint16(COUNT[section], count(kept, section))
  if (opt.length > 0)
    view.setUint16(COUNT.additional, count(kept, 'additional') + 1)
  if (isMissed(records, kept)) cut[2] = (cut[2] ?? 0) | TRUNCATED
  return cut
}

/** Nothing can stay behind it: names in there may point at each other. */
function beforeOpt(records: readonly RecordPlace[]): readonly RecordPlace[] {
  const index = records.findIndex(({ type }) => type === TYPE.OPT)
  return index < 0 ? records : records.slice(0, index)
}

/** Empty when there is no EDNS. */
function bareOpt(
  message: Uint8Array,
  records: readonly RecordPlace[],
): Uint8Array {
  const record = records.find(({ type }) => type === TYPE.OPT)
  if (record === undefined) return new Uint8Array()
  const opt = Uint8Array.from(message.subarray(record.start, record.data))
  viewOf(opt).setUint16(opt.length - 2, 0)
  return opt
}

/** The answers; and where there are none, what says so with authority. */
function isMissed(
  all: readonly RecordPlace[],
  kept: readonly RecordPlace[],
): boolean {
  const section = count(all, 'answer') > 0 ? 'answer' : 'authority'
  return count(kept, section) < count(all, section)
}

function count(
  records: readonly RecordPlace[],
  section: RecordPlace['section'],
): number {
  return records.filter((record) => record.section === section).length
}
