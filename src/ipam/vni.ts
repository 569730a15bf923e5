import { errors } from '../base/errors.js'
import { MAX_VNI } from '../net/vni.js'

/** VNIs in use, and by which network. */
export type UsedVnis = ReadonlyMap<number, string>

export interface VniRange {
  readonly first: number
  /** Where to look first. */
  readonly next: number
}

/**
 * The next free VNI at or after `next`, wrapping round to `first`, and where to
 * go on next time. Throws VNIS_EXHAUSTED.
 */
export function nextVni(
  range: VniRange,
  used: UsedVnis,
): { readonly vni: number; readonly next: number } {
  const { first } = range
  const start = Math.max(first, range.next)
  const count = MAX_VNI - first + 1
  for (let offset = 0; offset < count; offset++) {
    const vni = first + ((start - first + offset) % count)
    if (!used.has(vni)) return { vni, next: vni === MAX_VNI ? first : vni + 1 }
  }
  throw errors.VNIS_EXHAUSTED(first)
}

/** Throws VNI_IN_USE. */
export function explicitVni(vni: number, used: UsedVnis): number {
  const network = used.get(vni)
  if (network !== undefined) throw errors.VNI_IN_USE(vni, network)
  return vni
}
