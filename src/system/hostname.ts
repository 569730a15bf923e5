import { readlink } from 'node:fs/promises'
import type { Run } from './run.js'

/** See `System.hostname`. */
export function hostnameOf(run: Run) {
  return async (target: string): Promise<string | undefined> => {
    const pid = /^pid:([1-9]\d{0,9})$/.exec(target)?.[1]
    if (pid === undefined) return undefined
    const uts = `/proc/${pid}/ns/uts`
    try {
      if ((await readlink(uts)) === (await readlink('/proc/self/ns/uts'))) {
        return undefined
      }
      // The file tells the name in the UTS namespace of who reads it.
      const name = await run({
        argv: ['nsenter', `--uts=${uts}`, 'cat', '/proc/sys/kernel/hostname'],
      })
      return name.trim()
    } catch {
      return undefined
    }
  }
}
