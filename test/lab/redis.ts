import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from './lab.js'
import type { Host } from './namespace.js'
import type { Program } from './program.js'

/** A record as it lies in the store. */
export type StoredRecord = Readonly<Record<string, unknown>>

/** A private redis-server on a host of the lab, at the host's address. */
export class RedisServer {
  readonly url: string
  readonly #host: Host
  /** Of the lab, with the data and its copies. */
  readonly #directory: string
  #program: Program | undefined

  private constructor(host: Host, directory: string) {
    this.#host = host
    this.#directory = directory
    const address = host.address.includes(':')
      ? `[${host.address}]`
      : host.address
    this.url = `redis://${address}:6379`
  }

  static async start(lab: Lab, host: Host): Promise<RedisServer> {
    const server = new RedisServer(host, await lab.makeDirectory())
    await server.start()
    return server
  }

  /** Starts it again, with the data that is in its directory. */
  async start(): Promise<void> {
    this.#program = this.#host.start('redis-server', [
      ...['--bind', this.#host.address, '--port', '6379'],
      ...['--protected-mode', 'no', '--dir', this.#directory, '--save', ''],
      ...['--appendonly', 'yes'],
    ])
    await this.#program.line(/Ready to accept connections/)
  }

  get program(): Program {
    if (!this.#program) throw new Error('the redis-server was never started')
    return this.#program
  }

  async crash(): Promise<void> {
    await this.program.stop('SIGKILL')
  }

  /** Keeps a copy of the data as it is now. */
  async backUp(): Promise<void> {
    await cp(this.#data, this.#backup, { recursive: true })
  }

  /** Throws the data away; not while it runs. */
  async empty(): Promise<void> {
    await rm(this.#data, { recursive: true })
  }

  /** Puts the copy in the place of the data; not while it runs. */
  async restore(): Promise<void> {
    await this.empty()
    await cp(this.#backup, this.#data, { recursive: true })
  }

  /** Records of a collection by their id, asked of Redis itself. */
  async records(
    collection: string,
  ): Promise<Readonly<Record<string, StoredRecord>>> {
    const lines = await this.#host.run(
      ...(['redis-cli', '-u', this.url, '--raw'] as const),
      ...['HGETALL', `overtap:{default}:c:${collection}`],
    )
    // Ids and values in turn; a value is its version, a space and JSON.
    const parts = lines.split('\n').filter((line) => line !== '')
    return Object.fromEntries(
      parts.flatMap((id, index) => {
        const value = parts[index + 1] ?? ''
        const json = value.slice(value.indexOf(' ') + 1)
        return index % 2 ? [] : [[id, JSON.parse(json) as StoredRecord]]
      }),
    )
  }

  get #data(): string {
    return join(this.#directory, 'appendonlydir')
  }

  get #backup(): string {
    return join(this.#directory, 'backup')
  }
}
