import type { Command } from 'commander'
import type { Run, Session } from '../session.js'
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
        ...['ADDRESS', 'MAC', 'INTERFACE', 'STATE'],
      ],
      endpoints.map((endpoint) => [
        shortId(endpoint.EndpointID),
        [endpoint.Name, ...endpoint.Aliases].join(', '),
        endpoint.Network,
        endpoint.Host,
        [endpoint.IPv4Address, endpoint.IPv6Address]
          .filter((address) => address !== '')
          .join(', '),
        endpoint.MacAddress,
        endpoint.Interface,
        endpoint.State,
      ]),
    ),
  )
}
