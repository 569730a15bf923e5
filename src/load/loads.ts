import type { Load } from './load.js'

/** What of a result counts as the load's figure; more is better for all. */
export type Unit = 'Gbit/s' | 'kpackets/s' | 'transactions/s'

export interface NamedLoad {
  readonly name: string
  /** For people. */
  readonly title: string
  readonly unit: Unit
  readonly load: Load
}

const requests = 'transactions/s'

export const loads: readonly NamedLoad[] = [
  tcp('tcp-1', 'TCP, 1 flow', 1),
  tcp('tcp-4', 'TCP, 4 flows', 4),
  tcp('tcp-16', 'TCP, 16 flows', 16),
  {
    name: 'tcp-4-both',
    title: 'TCP, 4 flows, both directions at once',
    unit: 'Gbit/s',
    load: { kind: 'tcp', flows: 4, both: true },
  },
  {
    name: 'udp-64',
    title: 'UDP, 64 bytes',
    unit: 'kpackets/s',
    load: { kind: 'udp', size: 64 },
  },
  {
    name: 'udp-1400',
    title: 'UDP, 1400 bytes',
    unit: 'kpackets/s',
    load: { kind: 'udp', size: 1400 },
  },
  {
    // 1200 bytes is what QUIC may send before it knows the path.
    name: 'udp-gso',
    title: 'UDP GSO, 1200 bytes, as QUIC',
    unit: 'Gbit/s',
    load: { kind: 'gso', size: 1200 },
  },
  {
    name: 'requests',
    title: 'TCP requests, idle otherwise',
    unit: requests,
    load: { kind: 'requests', size: 64 },
  },
  {
    name: 'requests-loaded',
    title: 'TCP requests beside a TCP flow',
    unit: requests,
    load: { kind: 'requests', size: 64, flows: 1 },
  },
  {
    name: 'connections',
    title: 'TCP connections',
    unit: requests,
    load: { kind: 'connections', size: 64 },
  },
]

function tcp(name: string, title: string, flows: number): NamedLoad {
  return { name, title, unit: 'Gbit/s', load: { kind: 'tcp', flows } }
}
