import type { Command } from 'commander'
import type { StatusResponse, TrafficResponse } from '../../api/schema.js'
import type { Run, Session } from '../session.js'
import { pairs, table } from '../table.js'

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
    trafficTable('PORT', Engine.Ports),
    trafficTable('PEER', Engine.Peers),
    drops(Engine.Drops),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function facts({ Engine, Store, Endpoints, ...host }: StatusResponse): string {
  return pairs([
    ['Host', `${host.Host}, overtapd ${host.Version} since ${host.StartedAt}`],
    ['VTEP', vtep(host.Address, host.Port)],
    ['Store', `${Store.State}, ${Store.Description}, at ${Store.Revision}`],
    ['Hosts', host.Hosts],
    ['Networks', host.Networks],
    ['Endpoints', `${Endpoints.Local} here, ${Endpoints.Total} in all`],
    ['Transport', `${Engine.Transport} (${features(Engine)})`],
    ['Upcalls', Engine.Upcalls],
  ])
}

/** RFC 3986's brackets keep the port of an IPv6 address apart. */
function vtep(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function features(engine: StatusResponse['Engine']): string {
  const onOff = (on: boolean): string => (on ? 'on' : 'off')
  return [
    `UDP_SEGMENT ${onOff(engine.UDPSegment)}`,
    `UDP_GRO ${onOff(engine.UDPGRO)}`,
    `TAP offloads ${engine.TAPOffloads.join(' ') || 'none'}`,
  ].join(', ')
}

function trafficTable(name: string, rows: readonly TrafficResponse[]): string {
  if (rows.length === 0) return ''
  return table(
    [name, 'RX FRAMES', 'RX BYTES', 'TX FRAMES', 'TX BYTES'],
    rows.map((row) => [
      row.Name,
      row.RxFrames,
      row.RxBytes,
      row.TxFrames,
      row.TxBytes,
    ]),
  )
}

/** Only what happened; docs/operating/drops.md explains each reason. */
function drops(counters: Readonly<Record<string, number>>): string {
  const happened = Object.entries(counters).filter(([, count]) => count > 0)
  if (happened.length === 0) return 'No frames dropped.'
  return table(['DROPPED', 'FRAMES'], happened)
}
