import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa, type Options } from 'execa'
import { errors } from '../base/errors.js'
import {
  clientArguments,
  type Load,
  type LoadResult,
  parseResult,
  serverArguments,
} from '../load/load.js'
import type {
  LoadGenerator,
  ServerObserver,
  ServerSettings,
  Way,
} from '../load/load-generator.js'

/** Built with the addon; from dist/src/system, where this runs. */
export const loadProgram = fileURLToPath(
  new URL(
    '../../../native-bindings/build/Release/overtap-load',
    import.meta.url,
  ),
)

/** Beyond the time of a load; the server may be busy with another client. */
const patienceMs = 130_000

/** `overtap-load`, which ends with this process whatever that ends of. */
export class LinuxLoadGenerator implements LoadGenerator {
  async measure(
    way: Way,
    load: Load,
    seconds: number,
    signal: AbortSignal,
  ): Promise<LoadResult> {
    const { address, port, netns } = way
    const args = clientArguments(address, port, load, seconds)
    const result = await execa(...within(netns, args), {
      ...settings(signal),
      timeout: seconds * 1000 + patienceMs,
    })
    signal.throwIfAborted()
    if (!result.failed) return parseResult(result.stdout)
    const lastLine = result.stderr.trim().split('\n').at(-1) ?? ''
    const problem = problemOf(result, lastLine)
    if (problem.startsWith('connect: ')) {
      throw errors.BENCH_SERVER_UNREACHABLE(address, port, problem)
    }
    throw problem.includes('does not allow')
      ? errors.BENCH_REFUSED(address, problem)
      : errors.BENCH_FAILED(address, problem)
  }

  async serve(
    { address, port, netns, allowed }: ServerSettings,
    observer: ServerObserver,
    signal: AbortSignal,
  ): Promise<void> {
    const args = serverArguments(address, port, allowed)
    // It may serve for days: what it says is not kept.
    const options = { ...settings(signal), buffer: false } as const
    const server = execa(...within(netns, args), options)
    let ready = false
    let last = ''
    createInterface({ input: server.stdout }).once('line', () => {
      ready = true
      observer.ready()
    })
    const complaints = createInterface({ input: server.stderr })
    complaints.on('line', (line) => {
      last = line
      if (ready) observer.trouble(line)
    })
    const [result] = await Promise.all([server, once(complaints, 'close')])
    if (signal.aborted) return
    throw errors.BENCH_ADDRESS_UNUSABLE(address, port, problemOf(result, last))
  }
}

function settings(signal: AbortSignal) {
  return {
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    killSignal: 'SIGKILL',
    // It sees to its own end; execa would end this process on a SIGINT that
    // somebody else handles.
    cleanup: false,
  } as const satisfies Options
}

function within(
  netns: string | undefined,
  args: readonly string[],
): [file: string, args: string[]] {
  return netns === undefined
    ? [loadProgram, [...args]]
    : ['nsenter', [`--net=${netns}`, loadProgram, ...args]]
}

interface Ended {
  readonly cause?: unknown
  readonly exitCode?: number | undefined
  readonly timedOut: boolean
  readonly shortMessage?: string | undefined
}

/** In the program's own words. Throws BENCH_UNAVAILABLE when there is none. */
function problemOf(ended: Ended, lastLine: string): string {
  const { cause, exitCode, timedOut, shortMessage = 'it ended' } = ended
  if (cause instanceof Error && exitCode === undefined && 'code' in cause) {
    throw errors.BENCH_UNAVAILABLE(cause.message)
  }
  if (timedOut) return 'it did not end'
  const problem = lastLine.replace(/^overtap-load: /, '')
  return problem === '' ? shortMessage : problem
}
