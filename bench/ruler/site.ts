import type { Lab } from '../../test/lab/lab.js'
import type { Host, Namespace } from '../../test/lab/namespace.js'
import type { Contender, Pair, Site } from '../contenders/contender.js'
import { startServer } from './measure.js'
import { place, type Placement } from './placement.js'
import type { Profile } from './profiles.js'

/** A contender that is set up and waits for load. */
export interface Ready {
  readonly contender: Contender
  readonly pair: Pair
  readonly site: Site
}

/** Room for what a rate limit lets through at once: a superpacket and more. */
const burst = '256kb'
const latency = '20ms'

/** Every contender on two hosts of its own, all on one switch. */
export async function setUp(
  lab: Lab,
  profile: Profile,
  contender: Contender,
  index: number,
): Promise<Ready> {
  const host = (side: string, last: number) =>
    lab.addHost(`${contender.name}-${side}`, `192.168.56.${last}`)
  const near = await host('a', 10 + 2 * index)
  const far = await host('b', 11 + 2 * index)
  await Promise.all([near, far].map((one) => limit(one, profile.rate)))
  const site = { lab, near, far, mtu: profile.lab.mtu ?? 1500 }
  const pair = await contender.setUp(site)
  await useCongestionControl(pair, profile.congestionControl)
  await reach(pair)
  await startServer(pair)
  return { contender, pair, site }
}

async function limit(host: Host, rate: string | undefined): Promise<void> {
  if (rate === undefined) return
  await host.run(
    ...(['tc', 'qdisc', 'add', 'dev', host.interface, 'root'] as const),
    ...['tbf', 'rate', rate, 'burst', burst, 'latency', latency],
  )
}

async function useCongestionControl(
  { near, far }: Pair,
  name: string | undefined,
): Promise<void> {
  if (name === undefined) return
  const setting = `net.ipv4.tcp_congestion_control=${name}`
  await Promise.all(
    [near, far].map((end) => end.run('sysctl', '-q', '-w', setting)),
  )
}

/** The first packets find the way: they are not part of what is measured. */
async function reach({ near, address }: Pair): Promise<void> {
  await near.run('ping', '-q', '-c', '3', '-i', '0.2', '-w', '15', address)
}

/** Puts each side of all contenders where the placement wants it. */
export async function placeAll(
  ready: readonly Ready[],
  placement: Placement,
  cpus: number,
): Promise<void> {
  for (const { pair, site } of ready) {
    const sides: readonly [Namespace[], number | null][] = [
      [[site.near, pair.near], placement.near],
      [[site.far, pair.far], placement.far],
    ]
    for (const [namespaces, cpu] of sides) await place(namespaces, cpu, cpus)
  }
}
