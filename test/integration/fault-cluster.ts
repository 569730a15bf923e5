import type { ExecutionContext } from 'ava'
import type {
  EndpointResponse,
  EventResponse,
} from '../../src/frontends/api/schema.js'
import { Cluster, type ClusterOptions, type Container } from '../lab/cluster.js'
import type { Daemon, Settings } from '../lab/daemon.js'
import type { Stream } from '../lab/stream.js'

/** Milliseconds: short, so that a test sees the end of each of them. */
export const times = {
  lease: { ttl: 1200, renew: 400, dead: 1000, hold: 3000 },
  quarantine: 1000,
  settle: 1500,
} as const

/** A pause of a connection that is no more than a busy machine, milliseconds. */
export const unnoticed = 800

/** One container on each of two hosts, to see what a fault does to them. */
export interface FaultCluster {
  readonly cluster: Cluster
  readonly bbox1: Container
  readonly bbox2: Container
  /** The id of their network. */
  readonly network: string
}

/** With settings beside the short times. */
export async function startFaultCluster(
  settings: Settings = {},
  options: ClusterOptions = {},
): Promise<FaultCluster> {
  const cluster = await Cluster.start({
    ...options,
    settings: { ...times, ...settings },
  })
  try {
    const { Id: network } = await cluster.createNetwork('ov_net1')
    return {
      cluster,
      bbox1: await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1'),
      bbox2: await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox2'),
      network,
    }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Names of the endpoints that a daemon knows, sorted. */
export async function endpointNames(daemon: Daemon): Promise<string[]> {
  const endpoints = await daemon.ask<EndpointResponse[]>('endpoint', 'ls')
  return endpoints.map(({ Name }) => Name).sort()
}

/** What the store says: endpoints by name with their address and host. */
export async function storedEndpoints({
  cluster,
  network,
}: FaultCluster): Promise<Record<string, string>> {
  const records = await cluster.redis.records(`endpoint/${network}`)
  return Object.fromEntries(
    Object.values(records).map(({ name, host, addresses }) => [
      name,
      `${(addresses as string[]).join(' ')} on ${String(host)}`,
    ]),
  ) as Record<string, string>
}

/** What the store says: addresses in use, each with its host. */
export async function storedAddresses({
  cluster,
  network,
}: FaultCluster): Promise<Record<string, string>> {
  const records = await cluster.redis.records(`address/${network}`)
  return Object.fromEntries(
    Object.entries(records)
      .filter(([, { released }]) => released === undefined)
      .map(([address, { host }]) => [address, String(host)]),
  )
}

/** What the store says of the network's endpoints and addresses. */
export async function storedRecords(context: FaultCluster) {
  return {
    endpoints: await storedEndpoints(context),
    addresses: await storedAddresses(context),
  }
}

/** What a daemon has told since it was started. */
export async function eventKinds(daemon: Daemon): Promise<string[]> {
  const { stdout } = await daemon.cli(...['events', '-n', '1000', '--json'])
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as EventResponse).Kind)
}

/** All that was sent has arrived, in order. Resolves to the longest pause. */
export async function outlived(
  t: ExecutionContext,
  stream: Stream,
): Promise<number> {
  const { complete, received, sent, pauseMs } = await stream.finish()
  t.log(`the connection stood still for ${pauseMs} ms`)
  t.true(complete)
  t.is(received, sent)
  return pauseMs
}

/** The same, and nobody noticed. */
export async function neverStopped(
  t: ExecutionContext,
  stream: Stream,
): Promise<void> {
  const pauseMs = await outlived(t, stream)
  t.true(pauseMs < unnoticed, `${pauseMs} ms`)
}
