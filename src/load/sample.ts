import type { LoadResult } from './load.js'
import type { Unit } from './loads.js'

/** What one run of a load said. */
export interface Figures {
  /** In the load's unit. */
  readonly value: number
  /** Share of datagrams that never came. */
  readonly loss: number
  readonly latencyUs: {
    readonly p50: number
    readonly p99: number
    readonly p999: number
  }
}

/** One contender under one load, once; both by their names. */
export interface Sample extends Figures {
  readonly load: string
  readonly contender: string
}

export function figuresOf(result: LoadResult, unit: Unit): Figures {
  const { loss, latencyUs } = result
  return { value: valueOf(result, unit), loss, latencyUs }
}

function valueOf(result: LoadResult, unit: Unit): number {
  switch (unit) {
    case 'Gbit/s':
      return (result.bitsPerSecond + result.backwardBitsPerSecond) / 1e9
    case 'kpackets/s':
      return result.packetsPerSecond / 1000
    case 'transactions/s':
      return result.transactionsPerSecond
  }
}
