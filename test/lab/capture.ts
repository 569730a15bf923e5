import { join } from 'node:path'
import { execa } from 'execa'
import type { Lab } from './lab.js'
import type { Namespace } from './namespace.js'
import type { Program } from './program.js'

/** tshark's fields of one frame; a field occurs once per header, outer first. */
export type Fields<F extends string> = Readonly<Record<F, readonly string[]>>

const checkChecksums = ['ip', 'udp', 'tcp'].flatMap((protocol) => [
  '-o',
  `${protocol}.check_checksum:TRUE`,
])

/** Frames captured on an interface of a namespace, read with tshark. */
export class Capture {
  readonly #file: string
  readonly #program: Program

  private constructor(file: string, program: Program) {
    this.#file = file
    this.#program = program
  }

  /**
   * Resolves when the capture is on. It ends by itself after `count` frames that
   * match `filter` (pcap's language).
   */
  static async start(
    lab: Lab,
    namespace: Namespace,
    options: {
      readonly interface: string
      readonly filter: string
      readonly count: number
    },
  ): Promise<Capture> {
    const file = join(await lab.makeDirectory(), 'capture.pcap')
    const program = namespace.start('tcpdump', [
      ...['-i', options.interface, '-w', file, '-c', String(options.count)],
      // Root keeps the file; every frame is written as it comes.
      ...['-Z', 'root', '-U', '--immediate-mode', options.filter],
    ])
    await program.line(/listening on/)
    return new Capture(file, program)
  }

  /** Waits for the last frame asked for. */
  async complete(timeoutMs = 10_000): Promise<this> {
    const late = setTimeout(() => void this.#program.stop('SIGINT'), timeoutMs)
    await this.#program.exited
    clearTimeout(late)
    return this
  }

  /** The frames that match `filter` (tshark's language), in order. */
  async read<F extends string>(
    fields: readonly F[],
    filter = 'frame',
  ): Promise<readonly Fields<F>[]> {
    const { stdout } = await execa('tshark', [
      ...['-r', this.#file, '-Y', filter, ...checkChecksums],
      ...['-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=,'],
      ...fields.flatMap((field) => ['-e', field]),
    ])
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => toFields(fields, line.split('\t')))
  }
}

function toFields<F extends string>(
  fields: readonly F[],
  values: readonly string[],
): Fields<F> {
  return Object.fromEntries(
    fields.map((field, index) => [
      field,
      (values[index] ?? '').split(',').filter((value) => value !== ''),
    ]),
  ) as unknown as Fields<F>
}
