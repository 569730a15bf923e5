import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What programs with a wall clock of their own need; Debian's `faketime`. */
const library = '/usr/$LIB/faketime/libfaketimeMT.so.1'

/**
 * The wall clock of one machine of a lab: that of this machine, and what a test
 * sets it off by. Steady clocks are true, as they are when a real clock is set.
 */
export class WallClock {
  readonly #file: string

  private constructor(directory: string) {
    this.#file = join(directory, 'wall-clock')
  }

  static async create(directory: string): Promise<WallClock> {
    const clock = new WallClock(directory)
    await clock.set(0)
    return clock
  }

  /** For the programs that go by it. */
  get env(): NodeJS.ProcessEnv {
    return {
      // Memory comes from libc: libfaketime asks for some before Redis' own
      // jemalloc can give it, and jemalloc asks for the time.
      LD_PRELOAD: `${library}:libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DISABLE_SHM: '1',
    }
  }

  /** Seconds ahead of this machine's clock, or behind it if negative. */
  async set(seconds: number): Promise<void> {
    const sign = seconds < 0 ? '' : '+'
    // Renamed, so that nobody reads half of it.
    await writeFile(`${this.#file}.new`, `${sign}${seconds}\n`)
    await rename(`${this.#file}.new`, this.#file)
  }
}
