import type { Lab } from './lab.js'
import type { Host } from './namespace.js'
import type { Program } from './program.js'

export interface RedisServer {
  readonly url: string
  readonly program: Program
}

/** A private redis-server on a host of the lab, at the host's address. */
export async function startRedis(lab: Lab, host: Host): Promise<RedisServer> {
  const directory = await lab.makeDirectory()
  const program = host.start('redis-server', [
    ...['--bind', host.address, '--port', '6379', '--protected-mode', 'no'],
    ...['--dir', directory, '--appendonly', 'yes', '--save', ''],
  ])
  await program.line(/Ready to accept connections/)
  const address = host.address.includes(':')
    ? `[${host.address}]`
    : host.address
  return { url: `redis://${address}:6379`, program }
}
