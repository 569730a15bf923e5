import type { LabOptions } from '../../test/lab/lab.js'

/** What lies between the hosts. */
export interface Profile {
  readonly name: string
  /** For people. */
  readonly title: string
  readonly lab: LabOptions
  /** What each host may send, in tc's spelling; absent for as fast as it can. */
  readonly rate?: string
  /** Of TCP between the ends; absent for the machine's own. */
  readonly congestionControl?: string
  /** Names of its loads; absent for all. */
  readonly loads?: readonly string[]
}

/** What shows how a profile differs from the first; all would take too long. */
const essential = ['tcp-1', 'tcp-4', 'udp-64', 'requests']

export const profiles: readonly Profile[] = [
  { name: 'veth', title: 'veth with all offloads', lab: { mtu: 1500 } },
  {
    name: 'cubic',
    title: 'veth with all offloads, TCP with CUBIC',
    lab: { mtu: 1500 },
    congestionControl: 'cubic',
    loads: ['tcp-1', 'tcp-4'],
  },
  {
    name: 'no-offloads',
    title: 'tx offloads off, like a plain wire',
    lab: { mtu: 1500, offloads: false },
    loads: essential,
  },
  {
    name: 'mtu-9000',
    title: 'MTU 9000',
    lab: { mtu: 9000 },
    loads: essential,
  },
  {
    name: 'rate-limited',
    title: '1 Gbit/s',
    lab: { mtu: 1500 },
    rate: '1gbit',
    loads: ['tcp-1', 'tcp-4', 'requests', 'requests-loaded'],
  },
]
