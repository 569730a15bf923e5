import type { Load, LoadResult } from './load.js'

/** Where a load goes to, and from where. */
export interface Way {
  readonly address: string
  readonly port: number
  /** Path of the network namespace to send from; else the caller's own. */
  readonly netns?: string
}

/** Who may ask a server for load. */
export interface ServerSettings extends Way {
  /** Addresses; empty for everybody who reaches it. */
  readonly allowed: readonly string[]
}

/** Makes load and measures it: a program of the host. */
export interface LoadGenerator {
  /**
   * Runs a load once against a server. BENCH_SERVER_UNREACHABLE, BENCH_REFUSED,
   * BENCH_FAILED, BENCH_UNAVAILABLE; rejects with the signal's reason when that
   * aborts.
   */
  measure(
    way: Way,
    load: Load,
    seconds: number,
    signal: AbortSignal,
  ): Promise<LoadResult>
  /** Serves until the signal aborts. BENCH_ADDRESS_UNUSABLE, BENCH_UNAVAILABLE. */
  serve(
    settings: ServerSettings,
    observer: ServerObserver,
    signal: AbortSignal,
  ): Promise<void>
}

export interface ServerObserver {
  /** Clients may come. */
  readonly ready: () => void
  /** A run ended early; the next client is served all the same. */
  readonly trouble: (line: string) => void
}
