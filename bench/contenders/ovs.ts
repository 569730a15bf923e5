import { join } from 'node:path'
import { execa } from 'execa'
import type { Lab } from '../../test/lab/lab.js'
import type { Host, Namespace } from '../../test/lab/namespace.js'
import type { Program } from '../../test/lab/program.js'
import type { Contender, Site } from './contender.js'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'

/**
 * Open vSwitch with its userspace datapath and a vxlan port: the best-known
 * userspace switch. Private to the lab: database, sockets and processes.
 */
export const ovs: Contender = {
  name: 'ovs',
  title: 'OVS userspace',
  programs: ['ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl', 'ovsdb-tool'],
  package: 'openvswitch-switch',
  version: ['ovs-vswitchd', '--version'],
  setUp: async (site) => {
    const [near, far] = await Promise.all([
      setUpSide(site, site.near, site.far, '10.98.0.2'),
      setUpSide(site, site.far, site.near, '10.98.0.3'),
    ])
    return {
      near: near.container,
      far: far.container,
      address: '10.98.0.3',
      interface: 'eth0',
      daemons: { near: [near.program.pid], far: [far.program.pid] },
    }
  },
}

async function setUpSide(
  { lab, mtu }: Site,
  host: Host,
  peer: Host,
  address: string,
): Promise<{ container: Namespace; program: Program }> {
  const { program, vsctl } = await start(lab, host)
  // The switch encapsulates only towards what it reaches by a bridge of its own.
  await vsctl(
    ...['add-br', 'phy', '--', 'set', 'bridge', 'phy', 'datapath_type=netdev'],
    ...['--', 'add-port', 'phy', host.interface],
  )
  await host.ip(
    `address flush dev ${host.interface}`,
    `address add ${host.address}/24 dev phy`,
    `link set phy mtu ${mtu} up`,
  )
  const container = await addContainer(lab, host, address, mtu - 50)
  await vsctl(
    ...['add-br', 'int', '--', 'set', 'bridge', 'int', 'datapath_type=netdev'],
    ...['--', 'add-port', 'int', 'port1', '--', 'add-port', 'int', 'vx0'],
    ...['--', 'set', 'interface', 'vx0', 'type=vxlan', 'options:key=256'],
    `options:remote_ip=${peer.address}`,
  )
  return { container, program }
}

async function start(
  lab: Lab,
  host: Host,
): Promise<{
  program: Program
  vsctl: (...args: readonly string[]) => Promise<unknown>
}> {
  const directory = await lab.makeDirectory()
  const inDirectory = (name: string): string => join(directory, name)
  const database = `unix:${inDirectory('db.sock')}`
  const env = { OVS_RUNDIR: directory, OVS_LOGDIR: directory }
  await execa('ovsdb-tool', ['create', inDirectory('conf.db'), schema])
  const server = host.start(
    'ovsdb-server',
    [
      ...[`--remote=p${database}`, `--unixctl=${inDirectory('db.ctl')}`],
      ...['-vconsole:info', inDirectory('conf.db')],
    ],
    { env },
  )
  await server.line(/ovsdb-server \(Open vSwitch\)/)
  const vsctl = (...args: readonly string[]): Promise<unknown> =>
    execa('ovs-vsctl', [`--db=${database}`, '--timeout=15', ...args])
  await vsctl('--no-wait', 'init')
  const program = host.start(
    'ovs-vswitchd',
    [`--unixctl=${inDirectory('switch.ctl')}`, '-vconsole:info', database],
    { env },
  )
  await program.line(/connected/)
  return { program, vsctl }
}

async function addContainer(
  lab: Lab,
  host: Host,
  address: string,
  mtu: number,
): Promise<Namespace> {
  const container = await lab.addContainer(`ovs-${host.label}`)
  await container.ip(
    `link add eth0 mtu ${mtu} type veth peer name port1 mtu ${mtu} netns ${host.name}`,
    `address add ${address}/24 dev eth0`,
    'link set eth0 up',
  )
  await host.ip('link set port1 up')
  // This datapath does not complete checksums, nor does it segment, unless told
  // to by an experimental setting.
  await container.run('ethtool', '-K', 'eth0', 'tx', 'off')
  return container
}
