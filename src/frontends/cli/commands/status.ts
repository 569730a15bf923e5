import { vtepText } from '../../../net/vtep.js'
import type { Command } from 'commander'
import type {
  DnsStatusResponse,
  EventResponse,
  PeerResponse,
  StatusResponse,
  TrafficResponse,
} from '../../api/schema.js'
import type { Run, Session } from '../session.js'
import { pairs, table } from '../table.js'
import { eventLine } from './events.js'

export function addStatus(program: Command, run: Run): void {
  program
    .command('status')
    .description('show how this host is doing, on one screen')
    .action(() => run(showStatus))
}

export async function showStatus({
  client,
  json,
  print,
}: Session): Promise<void> {
  const status = await client.status()
  print(json ? JSON.stringify(status, null, 2) : screen(status))
}

function screen(status: StatusResponse): string {
  const { Engine } = status
  return [
    facts(status),
    ports(Engine.Ports),
    peers(Engine.Peers),
    drops(Engine.Drops),
    lastEvents(status.Events),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function facts(status: StatusResponse): string {
  const { Engine, Store, Endpoints, Dns, ...host } = status
  return pairs([
    ['Health', host.Problems.join('; ') || 'well'],
    ['Host', `${host.Host}, overtapd ${host.Version} since ${host.StartedAt}`],
    ['VTEP', vtepText({ address: host.Address, port: host.Port })],
    ['Lease', lease(host.LeaseMs)],
    ['Store', `${Store.State}, ${Store.Description}, at ${Store.Revision}`],
    ['Hosts', hosts(host)],
    ['Networks', host.Networks],
    ['Endpoints', endpoints(Endpoints)],
    ['Gateway', gateway(host.Gateway)],
    ['Data path', features(Engine)],
    ['Upcalls', Engine.Upcalls],
    ['DNS', dns(Dns)],
    ['Docker', docker(status.Docker)],
  ])
}

/** `12 answered, 3 forwarded; asks 192.0.2.1:53, 192.0.2.2:53 (down: why)` */
function dns(status: DnsStatusResponse): string {
  const { Queries, OverTcp, Upstreams, Problem } = status
  const counts = Object.entries(Queries)
    .filter(([, count]) => count > 0)
    .map(([result, count]) => `${count} ${result.toLowerCase()}`)
  const servers = Upstreams.map(({ Server, State, Problem }) =>
    because(Server, State === 'up' ? Problem : `${State}: ${Problem}`),
  )
  const asked = servers.join(', ') || because('nobody', Problem)
  const overTcp = OverTcp > 0 ? ` (${OverTcp} over TCP)` : ''
  return `${counts.join(', ') || 'no queries'}${overTcp}; asks ${asked}`
}

/** `connected, version 20.10.24` */
function docker(status: StatusResponse['Docker']): string {
  if (status === null) return 'not served'
  const { State, Version, Problem } = status
  if (State === 'connected') return `connected, version ${Version}`
  return because(State, Problem)
}

function endpoints({ Local, Total }: StatusResponse['Endpoints']): string {
  return `${Local} here` + (Total === null ? '' : `, ${Total} in all`)
}

/** `overtap_gwbr, 172.18.0.0/16, 3 containers` */
function gateway(status: StatusResponse['Gateway']): string {
  const { State, Reason, Bridge, Subnets, Containers } = status
  if (State !== 'on') return because(State, Reason)
  return [Bridge, ...Subnets, `${Containers} containers`].join(', ')
}

function lease(ms: number | null): string {
  if (ms === null) return 'not known'
  const seconds = Math.ceil(Math.abs(ms) / 1000)
  return ms > 0 ? `for ${seconds} s` : `ended ${seconds} s ago`
}

function hosts({
  Hosts,
  HostHealth,
}: Pick<StatusResponse, 'Hosts' | 'HostHealth'>): string {
  if (HostHealth === null) return String(Hosts)
  const { Up, Suspect, Dead } = HostHealth
  return `${Hosts} (${Up} up, ${Suspect} suspect, ${Dead} dead)`
}

/** `on: a, b; off: c; unavailable: d (why); paused: b towards host2 (why)` */
function features({ Features, Pauses }: StatusResponse['Engine']): string {
  const states = ['on', 'off', 'unavailable'] as const
  const groups = states.map((state) => ({
    state: state,
    names: Features.filter(({ State }) => State === state).map(
      ({ Name, Reason }) => because(Name, Reason),
    ),
  }))
  const paused = Pauses.map(({ Feature, Peer, Reason }) =>
    because(`${Feature} towards ${Peer}`, Reason),
  )
  return [...groups, { state: 'paused', names: paused }]
    .filter(({ names }) => names.length > 0)
    .map(({ state, names }) => `${state}: ${names.join(', ')}`)
    .join('; ')
}

function because(what: string, reason: string): string {
  return reason === '' ? what : `${what} (${reason})`
}

const trafficColumns = ['RX FRAMES', 'RX BYTES', 'TX FRAMES', 'TX BYTES']

function ports(rows: readonly TrafficResponse[]): string {
  if (rows.length === 0) return ''
  return table(
    ['PORT', ...trafficColumns],
    rows.map((row) => [row.Name, ...traffic(row)]),
  )
}

function peers(rows: readonly PeerResponse[]): string {
  if (rows.length === 0) return ''
  return table(
    ['PEER', 'PATH MTU', ...trafficColumns],
    rows.map((row) => [row.Name, row.PathMTU ?? '-', ...traffic(row)]),
  )
}

function traffic(row: TrafficResponse): readonly number[] {
  return [row.RxFrames, row.RxBytes, row.TxFrames, row.TxBytes]
}

/** Only what happened; docs/operating/drops.md explains each reason. */
function drops(counters: Readonly<Record<string, number>>): string {
  const happened = Object.entries(counters).filter(([, count]) => count > 0)
  if (happened.length === 0) return 'No frames dropped.'
  return table(['DROPPED', 'FRAMES'], happened)
}

function lastEvents(events: readonly EventResponse[]): string {
  return ['LAST EVENTS', ...events.map(eventLine)].join('\n')
}
