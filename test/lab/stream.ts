import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.js'
import type { Program } from './program.js'

/** Sources are not compiled: from dist/test/lab back to the repository. */
const script = fileURLToPath(
  new URL('../../../test/lab/stream.py', import.meta.url),
)

export interface StreamReport {
  /** How many numbers came, one every 10 ms while nothing was in the way. */
  readonly received: number
  readonly sent: number
  /** Each number once, in order, none cut in half. */
  readonly complete: boolean
  /** The longest time without anything. */
  readonly pauseMs: number
}

/** A TCP connection between two containers that sends all the time. */
export class Stream {
  private constructor(
    readonly sender: Program,
    readonly receiver: Program,
  ) {}

  /** Resolves when the connection stands. */
  static async start(
    from: Namespace,
    to: Namespace,
    address: string,
  ): Promise<Stream> {
    const receiver = to.start('python3', [script, 'receive', address])
    await receiver.line(/^listening/)
    const sender = from.start('python3', [script, 'send', address])
    await receiver.line(/^connected/)
    return new Stream(sender, receiver)
  }

  /** Closes the connection in order, and resolves when all of it has arrived. */
  async finish(): Promise<StreamReport> {
    await this.sender.stop()
    const sent = Number((await this.sender.line(/^sent /)).slice(5))
    const line = await this.receiver.line(/^\{/, 30_000)
    return { ...(JSON.parse(line) as Omit<StreamReport, 'sent'>), sent }
  }
}
