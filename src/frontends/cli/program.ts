import { Command } from 'commander'
import { addBench } from './commands/bench.js'
import { addBenchServer } from './commands/bench-server.js'
import { addDnsAdd } from './commands/dns-add.js'
import { addDnsFlush } from './commands/dns-flush.js'
import { addDnsLookup } from './commands/dns-lookup.js'
import { addDnsLs } from './commands/dns-ls.js'
import { addDnsRm } from './commands/dns-rm.js'
import { addEndpointLs } from './commands/endpoint-ls.js'
import { addEvents } from './commands/events.js'
import { addFdbShow } from './commands/fdb-show.js'
import { addHostLs } from './commands/host-ls.js'
import { addIpamFsck } from './commands/ipam-fsck.js'
import { addIpamLs } from './commands/ipam-ls.js'
import { addNetworkConnect } from './commands/network-connect.js'
import { addNetworkCreate } from './commands/network-create.js'
import { addNetworkDisconnect } from './commands/network-disconnect.js'
import { addNetworkInspect } from './commands/network-inspect.js'
import { addNetworkLs } from './commands/network-ls.js'
import { addNetworkRm } from './commands/network-rm.js'
import { addStatus } from './commands/status.js'
import { addUninstall } from './commands/uninstall.js'
import { addVersion } from './commands/version.js'
import type { Run } from './session.js'

export const defaultSocket = '/run/overtap/overtap.sock'

/** Every command of `overtap`; help goes to `writeOut`, mistakes are thrown. */
export function buildProgram(
  run: Run,
  writeOut: (text: string) => void,
): Command {
  const program = new Command('overtap')
    .description('Networks across hosts: asks the overtapd of this host.')
    .option(
      '--socket <PATH>',
      `socket of overtapd (default: ${defaultSocket}) (env: OVERTAP_SOCKET)`,
    )
    .option('--json', 'answer in JSON, for programs')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut, writeErr: () => undefined })
    .exitOverride()
  addHostLs(
    program.command('host').description('the hosts of the cluster'),
    run,
  )
  addNetworkCommands(
    program.command('network').description('networks and their members'),
    run,
  )
  addEndpointLs(
    program.command('endpoint').description('members of all networks'),
    run,
  )
  addFdbShow(
    program.command('fdb').description('the forwarding table of this host'),
    run,
  )
  addIpamCommands(
    program.command('ipam').description('addresses of all networks'),
    run,
  )
  addDnsCommands(
    program.command('dns').description('names on all networks'),
    run,
  )
  addStatus(program, run)
  addEvents(program, run)
  addBenchCommands(
    program.command('bench').description('the speed between hosts'),
    run,
  )
  addUninstall(program, run)
  addVersion(program, run)
  return program
}

function addNetworkCommands(network: Command, run: Run): void {
  addNetworkCreate(network, run)
  addNetworkLs(network, run)
  addNetworkInspect(network, run)
  addNetworkRm(network, run)
  addNetworkConnect(network, run)
  addNetworkDisconnect(network, run)
}

function addIpamCommands(ipam: Command, run: Run): void {
  addIpamLs(ipam, run)
  addIpamFsck(ipam, run)
}

function addDnsCommands(dns: Command, run: Run): void {
  addDnsLs(dns, run)
  addDnsAdd(dns, run)
  addDnsRm(dns, run)
  addDnsLookup(dns, run)
  addDnsFlush(dns, run)
}

function addBenchCommands(bench: Command, run: Run): void {
  addBench(bench, run)
  addBenchServer(bench, run)
}

/** `network create` for `network create --vni x`: what to ask help about. */
export function commandPath(program: Command, args: readonly string[]): string {
  const path = [program.name()]
  let current = program
  for (const word of args) {
    const next = current.commands.find(
      (command) => command.name() === word || command.aliases().includes(word),
    )
    if (!next) continue
    path.push(next.name())
    current = next
  }
  return path.join(' ')
}
