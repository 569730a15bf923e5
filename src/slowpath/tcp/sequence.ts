/** Sequence numbers of TCP: 32 bits, and after the last one comes 0. */

export function advance(sequence: number, by: number): number {
  return (sequence + by) >>> 0
}

/**
 * How far `to` is ahead of `from`; negative when it is behind. Right for
 * numbers less than 2^31 apart (RFC 9293 section 3.4).
 */
export function distance(from: number, to: number): number {
  return (to - from) | 0
}
