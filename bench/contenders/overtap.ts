import { connect, createNetwork } from '../../test/lab/cluster.js'
import { Daemon } from '../../test/lab/daemon.js'
import { RedisServer } from '../../test/lab/redis.js'
import type { Contender, Pair, Site } from './contender.js'

/** Between two containers: as it comes, or with only the transport named. */
function overtap(flags: readonly string[], transport?: string): Contender {
  return {
    name: transport === undefined ? 'overtap' : `overtap-${transport}`,
    title: transport === undefined ? 'overtap' : `overtap (${transport} only)`,
    programs: ['redis-server'],
    setUp: (site) => setUp(site, flags, transport ?? 'all'),
  }
}

async function setUp(
  { lab, near, far }: Site,
  flags: readonly string[],
  suffix: string,
): Promise<Pair> {
  const redis = await RedisServer.start(lab, near)
  const options = { store: redis.url, flags }
  const [one, two] = await Promise.all([
    Daemon.start(lab, near, options),
    Daemon.start(lab, far, options),
  ])
  await createNetwork(one, 'bench')
  const [here, there] = await Promise.all([
    connect(one, 'bench', await lab.addContainer(`near-${suffix}`)),
    connect(two, 'bench', await lab.addContainer(`far-${suffix}`)),
  ])
  return {
    near: here.namespace,
    far: there.namespace,
    address: there.address,
    interface: here.endpoint.Interface,
    daemons: { near: [one.pid], far: [two.pid] },
  }
}

/** Each with the flags that choose it. */
export const overtapTransports = [
  overtap([]),
  overtap(['--disable', 'tunnel-gso'], 'udp'),
]
