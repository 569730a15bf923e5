/**
 * Redis keys of one overlay cluster. All carry the same hash tag, so that Redis
 * Cluster keeps them in one slot, where a script may touch them all.
 *
 *     head            hash    epoch, revision, stamp of the last write, settleUntil
 *     past            set     epochs whose loss was declared
 *     log             stream  one entry per write, id <revision>-0
 *     collections     set     names of the collections that hold records
 *     c:<collection>  hash    id -> "<version> <JSON>"
 *     sums            hash    collection -> sum of its records' versions
 *     leases          hash    host -> JSON {fence, owner, address, expires}
 *     fences          hash    host -> highest fence ever given
 */
export function keyPrefix(cluster: string): string {
  return `overtap:{${cluster}}:`
}

export function logKey(prefix: string): string {
  return `${prefix}log`
}
