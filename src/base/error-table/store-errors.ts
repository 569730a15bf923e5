import { template } from './template.js'

/** What can go wrong with the shared records. */
export const storeErrors = {
  STORE_UNAVAILABLE: template(
    503,
    (problem: string) => `the store cannot be reached: ${problem}`,
    () =>
      'running traffic goes on; changes work again when the store is back: overtap status',
  ),
  STORE_CONFLICT: template(
    409,
    (key: string) => `${key} was changed by somebody else at the same time`,
    () => 'try again',
  ),
  STORE_FENCED: template(
    409,
    (host: string) => `this daemon no longer holds the lease of host ${host}`,
    () => 'the daemon registers again by itself; try again in a few seconds',
  ),
  STORE_COMPACTED: template(
    503,
    (revision: number) =>
      `the change feed no longer reaches back to revision ${revision}`,
    () => 'the daemon takes a new snapshot by itself',
  ),
  STORE_REPLACED: template(
    503,
    (revision: number) =>
      `the store lost data or was replaced: it does not continue revision ${revision}`,
    () => 'all daemons write their records again by themselves',
  ),
  STORE_SETTLING: template(
    503,
    (remainingMs: number) =>
      `the store lost data, and daemons are writing their records again: nothing new for ${Math.ceil(remainingMs / 1000)} s`,
    () => 'running traffic goes on; try again then: overtap status',
    (remainingMs: number) => ({ remainingMs }),
  ),
  EMBEDDED_REDIS_MISSING: template(
    500,
    () => 'the embedded store needs redis-server, which is not installed',
    () =>
      'apt-get install redis-server, or join an existing store: overtapd --store redis://HOST',
  ),
  EMBEDDED_REDIS_FAILED: template(
    500,
    (problem: string) => `the embedded redis-server does not start: ${problem}`,
    () => 'correct what redis-server reports, then start overtapd again',
  ),
  EMBEDDED_REDIS_IN_USE: template(
    409,
    (directory: string, pid: number) =>
      `${directory} is in use by the running process ${pid}`,
    () =>
      'stop that process, or give this daemon a state directory of its own: overtapd --state DIR',
  ),
  HOST_IDENTITY_TAKEN: template(
    409,
    (host: string, holder: string, own: string) =>
      `host name ${host} is in use by ${holder}; this daemon is ${own}`,
    () =>
      'give each daemon a name of its own: overtapd --host NAME; one that crashed keeps its name for lease.dead + lease.hold',
  ),
}
