import type { Command } from 'commander'
import { absoluteTarget, collect, collectPublished } from '../arguments.js'
import type { Run, Session } from '../session.js'

interface Options {
  readonly name?: string
  readonly ip?: string
  readonly alias?: readonly string[]
  readonly publish?: readonly string[]
  readonly interface?: string
}

export function addNetworkConnect(network: Command, run: Run): void {
  network
    .command('connect')
    .description('connect a container (a network namespace) to a network')
    .argument('<NETWORK>', 'name, id or beginning of an id')
    .argument('<TARGET>', "the namespace's name, path, or pid:N")
    .option('--name <NAME>', "container's name (default: the namespace's)")
    .option('--ip <IP>', 'address (default: the next free one)')
    .option('--alias <NAME>', 'one more name for it', collect)
    .option(
      '-p, --publish <PUBLISH>',
      '[[ip:][host]:]container[/proto]',
      collectPublished,
    )
    .option('--interface <IFNAME>', 'interface (default: the next free ethN)')
    .action((reference: string, target: string, options: Options) =>
      run((session) => networkConnect(session, reference, target, options)),
    )
}

export async function networkConnect(
  { client, json, cwd, print }: Session,
  reference: string,
  target: string,
  options: Options,
): Promise<void> {
  const { name, ip, alias = [], publish = [] } = options
  const endpoint = await client.connect(reference, {
    Target: absoluteTarget(target, cwd),
    Aliases: [...alias],
    Publish: [...publish],
    ...(name !== undefined && { Name: name }),
    ...(ip !== undefined && { IPAddress: ip }),
    ...(options.interface !== undefined && { Interface: options.interface }),
  })
  if (json) print(JSON.stringify(endpoint, null, 2))
  else {
    const { Interface, IPv4Address, IPv6Address, MacAddress } = endpoint
    const { Publish } = endpoint
    print(
      [Interface, IPv4Address, IPv6Address, MacAddress, ...Publish]
        .filter((part) => part !== '')
        .join('  '),
    )
  }
}
