import { fileURLToPath } from 'node:url'
import { createNetwork, connect } from '../../test/lab/cluster.js'
import { Daemon } from '../../test/lab/daemon.js'
import type { Lab } from '../../test/lab/lab.js'
import type { Host, Namespace } from '../../test/lab/namespace.js'

/** A DNS server, and the namespaces that ask it. */
export interface Server {
  readonly title: string
  readonly address: string
  readonly clients: readonly Namespace[]
}

const upstream = '192.168.56.11'
const script = fileURLToPath(
  new URL('../../test/lab/name-server.js', import.meta.url),
)

/** Known to both servers themselves. */
export const ownName = 'bbox.ov_net1'
/** Known to their upstream, and cached by both. */
export const foreignName = 'www.example.com'

/** The one that both servers ask for what they do not know. */
export async function startUpstream(lab: Lab): Promise<void> {
  const host = await lab.addHost('upstream', upstream)
  const program = host.start(process.execPath, [
    script,
    upstream,
    '203.0.113.1',
  ])
  await program.line(/^listening$/)
}

/** Clients are containers, the server is the gateway address of their network. */
export async function startOvertap(lab: Lab, count: number): Promise<Server> {
  const host = await lab.addHost('overtap', '192.168.56.12')
  const daemon = await Daemon.start(lab, host, { flags: ['--dns', upstream] })
  await createNetwork(daemon, 'ov_net1', '--subnet', '10.0.0.0/24')
  await connect(daemon, 'ov_net1', await lab.addContainer('bbox'))
  const clients: Namespace[] = []
  for (let index = 0; index < count; index++) {
    const namespace = await lab.addContainer(`o${index}`)
    await connect(daemon, 'ov_net1', namespace)
    clients.push(namespace)
  }
  return { title: 'overtap', address: '10.0.0.1', clients }
}

/** Clients and server are machines on one switch, each with a veth. */
export async function startDnsmasq(lab: Lab, count: number): Promise<Server> {
  const address = '192.168.56.13'
  const host = await lab.addHost('dnsmasq', address)
  const program = host.start('dnsmasq', [
    ...['--no-daemon', '--conf-file=/dev/null', '--user=root', '--pid-file='],
    ...['--no-hosts', '--no-resolv', `--server=${upstream}`],
    ...[`--host-record=${ownName},10.0.0.2`, '--cache-size=10000'],
  ])
  await program.line(/started/)
  const clients: Host[] = []
  for (let index = 0; index < count; index++) {
    clients.push(await lab.addHost(`d${index}`, `192.168.56.${20 + index}`))
  }
  return { title: 'dnsmasq', address, clients }
}
