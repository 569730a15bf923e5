import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { type Figure, figureSchema } from './figure.js'

/** From dist/bench/micro, where this runs, to the source. */
const directory = fileURLToPath(
  new URL('../../../bench/micro/native', import.meta.url),
)

/** Builds the native program where that is to be done, and runs it. */
export async function measureNative(
  milliseconds: number,
  rounds: number,
): Promise<Figure[]> {
  await execa('make', ['--jobs=2', '--directory', directory])
  const { stdout } = await execa(`${directory}/build/micro`, [
    ...['--ms', String(milliseconds), '--rounds', String(rounds)],
  ])
  return stdout.split('\n').map((line) => figureSchema.parse(JSON.parse(line)))
}
