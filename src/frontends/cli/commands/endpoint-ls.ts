import type { Command } from 'commander'
import type { Run, Session } from '../session.js'
import type { EndpointResponse, GatewayResponse } from '../../api/schema.js'
import { shortId, table } from '../table.js'

export function addEndpointLs(endpoint: Command, run: Run): void {
  endpoint
    .command('ls')
    .alias('list')
    .description('list who is connected where, on all hosts')
    .argument('[NETWORK]', 'of this network only')
    .action((network?: string) =>
      run((session) => endpointLs(session, network)),
    )
}

export async function endpointLs(
  { client, json, print }: Session,
  network?: string,
): Promise<void> {
  const endpoints = await client.endpoints(network)
  if (json) {
    print(JSON.stringify(endpoints, null, 2))
    return
  }
  print(
    table(
      [
        ...['ENDPOINT ID', 'NAME', 'NETWORK', 'HOST'],
        ...['ADDRESS', 'MAC', 'INTERFACE', 'GATEWAY', 'PORTS', 'STATE'],
      ],
      endpoints.map((endpoint) => [
        shortId(endpoint.EndpointID),
        [endpoint.Name, ...endpoint.Aliases].join(', '),
        endpoint.Network,
        endpoint.Host,
        addresses(endpoint),
        endpoint.MacAddress,
        endpoint.Interface,
        gateway(endpoint.Gateway),
        endpoint.Publish.join(', ') || '-',
        endpoint.State,
      ]),
    ),
  )
}

function addresses({
  IPv4Address,
  IPv6Address,
}: Pick<EndpointResponse, 'IPv4Address' | 'IPv6Address'>): string {
  return [IPv4Address, IPv6Address]
    .filter((address) => address !== '')
    .join(', ')
}

/** `eth1 172.18.0.2/16`; of containers of this host only. */
function gateway(way: GatewayResponse | undefined): string {
  return way === undefined ? '-' : `${way.Interface} ${way.IPv4Address}`
}
