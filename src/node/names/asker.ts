import type { Zone } from '../../dns/zone.js'
import type { Attachment, Attachments } from '../attachments.js'
import type { Directories } from '../directories.js'

/** Who wants to know a name, as far as the answer depends on it. */
export interface Asker {
  /** Tells containers apart. */
  readonly container: string
  /** Of the networks it is on, the one it asks in first. */
  readonly zones: readonly Zone[]
  /** Whether it may ask for names outside: not with internal networks only. */
  readonly forwards: boolean
}

export interface AskerParts {
  readonly attachments: Attachments
  readonly directories: Directories
}

/** A container sees the names of all networks it is on, and no others. */
export function askerOf(
  { attachments, directories }: AskerParts,
  attachment: Attachment,
): Asker {
  const all = attachments.ofNamespace(attachment.namespace)
  const others = all.filter((other) => other !== attachment)
  const networks = [attachment, ...others].map(({ network }) => network)
  return {
    container: attachment.namespace.identity,
    zones: networks.map((network) => directories.of(network).zone),
    forwards: networks.some(({ internal }) => !internal),
  }
}
