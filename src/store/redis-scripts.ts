import * as history from './lua/history-scripts.js'
import * as leases from './lua/lease-scripts.js'
import { prelude } from './lua/prelude.js'
import * as records from './lua/record-scripts.js'
import type {
  KnownPosition,
  LeaseRequest,
  LeaseToken,
  Revision,
} from './store.js'

/** A put is [key, JSON text], a delete [key]. */
export type ScriptWrite = readonly [key: string, json?: string]

/** As the log has it; the last is false when there was no record before. */
export type LoggedChange =
  | readonly [key: string, json: string, replaces: Revision | false]
  | readonly [key: string, json: false, was: string | false]

type Written = readonly [revision: Revision, epoch: string, stamp: string]

type Fenced = readonly ['fenced']

/** What each script is asked and what it answers. */
export interface ScriptCalls {
  commit: {
    request: {
      guards: readonly object[]
      changes: readonly ScriptWrite[]
      lease: LeaseToken | undefined
      keep: number
    }
    reply: readonly ['ok', ...Written] | readonly ['conflict', string] | Fenced
  }
  claimFirst: {
    request: {
      keys: readonly string[]
      value: string
      lease: LeaseToken | undefined
      keep: number
    }
    reply: readonly ['ok', string, ...Written] | readonly ['none'] | Fenced
  }
  snapshot: {
    request: { collections?: readonly string[] }
    /** Fields and values of each collection's hash alternate. */
    reply: readonly [
      epoch: string,
      revision: Revision,
      stamp: string,
      settlesInMs: number,
      rows: readonly (readonly [collection: string, hash: string[]])[],
    ]
  }
  digests: {
    request: { recount: readonly string[] }
    reply: readonly [
      epoch: string,
      revision: Revision,
      rows: readonly (readonly [
        collection: string,
        count: number,
        sum: number,
      ])[],
    ]
  }
  position: {
    request: { known: readonly KnownPosition[] }
    reply: readonly ['ok', string] | readonly ['compacted' | 'replaced']
  }
  declareLoss: {
    request: { known: readonly KnownPosition[]; settleMs: number; leap: number }
    reply: readonly ['ok']
  }
  register: {
    request: Required<LeaseRequest>
    reply: readonly ['ok', number] | readonly ['taken', string]
  }
  renew: {
    request: { lease: LeaseToken; ttlMs: number }
    reply: readonly ['ok'] | Fenced
  }
  release: { request: { lease: LeaseToken }; reply: readonly ['ok'] }
  leases: {
    request: Record<string, never>
    reply: readonly (readonly [string, number, string, string, number])[]
  }
}

export type ScriptName = keyof ScriptCalls

const bodies: Readonly<Record<ScriptName, string>> = {
  ...records,
  ...history,
  ...leases,
}

/** How ioredis calls a script: `client["overtap:commit"](prefix, ...)`. */
export function commandName(script: ScriptName): string {
  return `overtap:${script}`
}

/** For ioredis, which sends EVALSHA and, when Redis has forgotten it, EVAL. */
export const scriptCommands = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [
    commandName(name as ScriptName),
    { lua: prelude + body, numberOfKeys: 1 },
  ]),
)
