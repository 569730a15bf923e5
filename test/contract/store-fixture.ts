import type { ExecutionContext } from 'ava'
import { isOvertapError, type ErrorCode } from '../../src/base/errors.js'
import type { ChangeBatch, LeaseRequest, Store } from '../../src/store/store.js'
import { until } from '../support/until.js'

/** One empty store for one test. */
export interface StoreFixture {
  /** Another client of the same store, connected. */
  readonly open: () => Promise<Store>
  /** Makes the store forget its change feed so far. */
  readonly compact: () => Promise<void>
  /** Makes the store lose everything. */
  readonly clear: () => Promise<void>
  /** Copies what is in the store; the function returned restores the copy. */
  readonly backup: () => Promise<() => Promise<void>>
}

type From = Parameters<Store['watch']>[0]

/** A place to watch from: now, or an earlier revision of this epoch. */
export async function start(store: Store, revision?: number): Promise<From> {
  const { epoch, stamp, revision: now } = await store.snapshot([])
  return revision === undefined
    ? { epoch, revision: now, stamp }
    : { epoch, revision }
}

/** Collects what a watch gives, in the background. */
export function follow(store: Store, from: From) {
  const seen: ChangeBatch[] = []
  const stop = new AbortController()
  const ended = (async () => {
    for await (const batch of store.watch(from, stop.signal)) seen.push(batch)
  })()
  return {
    ended,
    async take(count: number): Promise<ChangeBatch[]> {
      await until(() => seen.length >= count, `${count} batches`)
      return seen
    },
    async end(): Promise<void> {
      stop.abort()
      await ended
    },
  }
}

/** Watches until the watch itself ends. */
export async function drain(store: Store, from: From): Promise<void> {
  const seen = follow(store, from)
  await seen.ended
}

export async function expired(store: Store): Promise<void> {
  await until(async () => {
    const [lease] = await store.leases()
    return lease !== undefined && lease.remainingMs < 0
  }, 'the lease to expire')
}

export function puts(...keys: string[]) {
  return keys.map((key) => ({ key, value: key }))
}

export function request(part: Partial<LeaseRequest>): LeaseRequest {
  return { host: 'h', owner: 'me', address: 'x', ttlMs: 1000, ...part }
}

export function byKey<T extends { readonly key: string }>(
  entries: readonly T[],
): T[] {
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

export async function fails(
  t: ExecutionContext,
  code: ErrorCode,
  text: string,
  run: () => Promise<unknown>,
): Promise<void> {
  const error: unknown = await t.throwsAsync(run)
  t.true(isOvertapError(error, code), String(error))
  t.true(String(error).includes(text), String(error))
}
