import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.js'
import type { Program } from './program.js'

/** Sources are not compiled: from dist/test/lab back to the repository. */
const script = fileURLToPath(
  new URL('../../../test/lab/greeter.py', import.meta.url),
)

export type Transport = 'tcp' | 'udp'

/**
 * A server in a namespace, at these ports of TCP and UDP over IPv4 and IPv6.
 * It answers `NAME PORT PEER`, its name being the namespace's label.
 */
export async function greet(
  namespace: Namespace,
  ...ports: readonly number[]
): Promise<Program> {
  const { label } = namespace
  const args = [script, 'serve', label, ...ports.map(String)]
  const program = namespace.start('python3', args)
  await program.line(/^listening$/)
  return program
}

/** What it answers to somebody; null when nothing comes back within a second. */
export async function ask(
  from: Namespace,
  transport: Transport,
  host: string,
  port: number,
): Promise<string | null> {
  const args = [script, 'ask', transport, host, String(port)]
  const { code, stdout } = await from.attempt('python3', args)
  return code === 0 ? stdout.trim() : null
}

/** Asks again and again from one and the same socket. */
export class Conversation {
  readonly #program: Program

  constructor(
    from: Namespace,
    transport: Transport,
    host: string,
    port: number,
  ) {
    const args = [script, 'hold', transport, host, String(port)]
    this.#program = from.start('python3', args)
  }

  /** Whether a question asked from now on is answered so, within five seconds. */
  async hears(answer: string): Promise<boolean> {
    // The one that is on its way was asked before.
    const before = (this.#answers().at(-1)?.count ?? 0) + 1
    for (let tries = 0; tries < 100 && this.#program.running; tries++) {
      const later = this.#answers().filter(({ count }) => count > before)
      if (later.some(({ text }) => text.startsWith(answer))) return true
      await sleep(50)
    }
    return false
  }

  #answers(): { count: number; text: string }[] {
    return this.#program.output.split('\n').map((line) => {
      const [count, ...words] = line.split(' ')
      return { count: Number(count), text: words.join(' ') }
    })
  }

  async end(): Promise<void> {
    await this.#program.stop()
  }
}
