import type { Command } from 'commander'
import { isOvertapError } from '../../../base/errors.js'
import type { NetworkResponse } from '../../api/schema.js'
import type { Run, Session } from '../session.js'
import { pairs, table } from '../table.js'

export function addNetworkInspect(network: Command, run: Run): void {
  network
    .command('inspect')
    .description('show networks and who is connected to them')
    .argument('<NETWORK...>', 'name, id or beginning of an id')
    .action((references: string[]) =>
      run((session) => networkInspect(session, references)),
    )
}

/** With --json an array, whatever was found in it, as `docker network inspect`. */
export async function networkInspect(
  { client, json, print, fail }: Session,
  references: readonly string[],
): Promise<void> {
  const networks: NetworkResponse[] = []
  for (const reference of references) {
    try {
      networks.push(await client.network(reference))
    } catch (error) {
      if (!isOvertapError(error)) throw error
      fail(error)
    }
  }
  if (json) print(JSON.stringify(networks, null, 2))
  else if (networks.length > 0) print(networks.map(describe).join('\n\n'))
}

function describe(network: NetworkResponse): string {
  const containers = Object.values(network.Containers)
  const facts = pairs([
    ['Name', network.Name],
    ['Id', network.Id],
    ['Created', network.Created],
    ['VNI', network.VNI],
    ...network.IPAM.Config.map((config) => ['Subnet', subnet(config)] as const),
    ['Internal', network.Internal ? 'yes' : 'no'],
    ['Options', assignments(network.Options)],
    ['Labels', assignments(network.Labels)],
    ['Containers', containers.length],
  ])
  return containers.length === 0 ? facts : `${facts}\n\n${members(containers)}`
}

function subnet(config: NetworkResponse['IPAM']['Config'][number]): string {
  const { Subnet, Gateway, IPRange, AuxiliaryAddresses = {} } = config
  const reserved = Object.entries(AuxiliaryAddresses).map(
    ([name, address]) => `, ${name} ${address}`,
  )
  const range = IPRange === undefined ? '' : `, addresses from ${IPRange}`
  return `${Subnet}, gateway ${Gateway}${reserved.join('')}${range}`
}

function members(
  containers: readonly NetworkResponse['Containers'][string][],
): string {
  return table(
    ['NAME', 'HOST', 'INTERFACE', 'IPV4 ADDRESS', 'IPV6 ADDRESS', 'MAC'],
    containers.map((container) => [
      container.Name,
      container.Host,
      container.Interface,
      container.IPv4Address,
      container.IPv6Address,
      container.MacAddress,
    ]),
  )
}

function assignments(values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  return all.length === 0 ? '-' : all.join(', ')
}
