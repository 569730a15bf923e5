import type { Decision, IgnoreReason } from './decision.js'
import { ignore } from './decision.js'
import type { NetworkDirectory } from './directory.js'

/**
 * For a question that the records do not answer. Where peers exist that no
 * record tells of, they may, or want to hear it: a kernel learns from
 * announcements.
 */
export function unanswered(
  directory: NetworkDirectory,
  reason: IgnoreReason,
): Decision {
  return directory.unknownUnicast === 'flood'
    ? { kind: 'flood' }
    : ignore(reason)
}
