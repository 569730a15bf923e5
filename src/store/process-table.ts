import { readdir, readFile, readlink, realpath } from 'node:fs/promises'

/**
 * When a process started, in clock ticks since boot: with its pid it tells one
 * process from a later one that got the same number. Undefined when there is no
 * such process. Field 22 of /proc/<pid>/stat, proc(5).
 */
export async function processStart(pid: number): Promise<number | undefined> {
  const stat = await optional(readFile(`/proc/${pid}/stat`, 'utf8'))
  // The second field, the name, is in parentheses and may hold spaces.
  const rest = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return rest && Number(rest[19])
}

/** Processes by this program name that work in this directory. */
export async function processesIn(
  directory: string,
  program: string,
): Promise<number[]> {
  const path = await realpath(directory)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const matches = await Promise.all(
    pids.map(async (pid) => {
      const comm = await optional(readFile(`/proc/${pid}/comm`, 'utf8'))
      if (comm?.trimEnd() !== program) return false
      return (await optional(readlink(`/proc/${pid}/cwd`))) === path
    }),
  )
  return pids.filter((_, i) => matches[i]).map(Number)
}

/** Processes come and go while one looks: what cannot be read is not there. */
async function optional<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined)
}
