import type { Command } from 'commander'
import { errors } from '../../../base/errors.js'
import type { ServerSettings } from '../../../load/load-generator.js'
import { isIp } from '../../../net/ip.js'
import { absoluteTarget, collect } from '../arguments.js'
import { defaultPort, portOption } from '../bench/arguments.js'
import type { Run, Session } from '../session.js'

interface Options {
  readonly listen?: string
  readonly port?: number
  readonly allow?: readonly string[]
  readonly netns?: string
}

const help = 'overtap bench server --help'

export function addBenchServer(bench: Command, run: Run): void {
  bench
    .command('server')
    .description('let other hosts measure the way to this one, until Ctrl-C')
    .option('--listen <ADDRESS>', 'where to serve (default: 127.0.0.1)')
    .addOption(portOption())
    .option('--allow <ADDRESS>', 'who may measure, and nobody else', collect)
    .option('--netns <TARGET>', 'namespace to serve in')
    .action((options: Options) =>
      run((session) => benchServer(session, options)),
    )
}

/**
 * Whoever may measure gets as much load as the hosts can make, so who that is
 * must be said: by the one address it serves at, or by a list.
 */
export async function benchServer(
  session: Session,
  options: Options,
): Promise<void> {
  const { json, host, print, note } = session
  const settings = await settingsOf(session, options)
  const { address: Address, port: Port, allowed: Allowed } = settings
  await host.loadGenerator.serve(
    settings,
    {
      ready: () => {
        print(
          json
            ? JSON.stringify({ Address, Port, Allowed })
            : readyText(settings),
        )
      },
      trouble: note,
    },
    session.interruption(),
  )
}

async function settingsOf(
  { host, cwd }: Session,
  options: Options,
): Promise<ServerSettings> {
  const { listen = '127.0.0.1', port = defaultPort, allow = [] } = options
  const wrong = [listen, ...allow].find((address) => !isIp(address))
  if (wrong !== undefined) {
    throw errors.USAGE(`not an address: ${wrong}`, `see: ${help}`)
  }
  if (isEverywhere(listen) && allow.length === 0) {
    throw errors.USAGE(
      `--listen ${listen} would let everybody load this host`,
      'give one address of this host, or say who may measure: --allow ADDRESS',
    )
  }
  const settings = { address: listen, port, allowed: allow }
  if (options.netns === undefined) return settings
  const target = absoluteTarget(options.netns, cwd)
  const { path } = await host.namespaces.resolve(target)
  return { ...settings, netns: path }
}

/** 0.0.0.0 or ::, in any spelling. */
function isEverywhere(address: string): boolean {
  return /^[0:.]+$/.test(address)
}

function readyText({ address, port, allowed }: ServerSettings): string {
  const who =
    allowed.length > 0
      ? allowed.join(', ')
      : 'everybody who reaches this address (--allow ADDRESS names those who may)'
  return `serving load at ${address} port ${port} to ${who}; one client at a time, at most 64 flows and 60 s each; Ctrl-C ends it`
}
