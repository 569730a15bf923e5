import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { removeCgroup } from './cgroup.js'

/**
 * What labs have put on this machine, on disk, so that the next run can remove
 * what a killed one left behind.
 */
const directory = '/run/overtap-lab'

export interface LabRecord {
  readonly id: string
  readonly owner: ProcessIdentity
  /** Full names of its network namespaces, in order of creation. */
  readonly namespaces: string[]
  /** Private directories. */
  readonly directories: string[]
  /** Control groups, at the root of every hierarchy; absent: none. */
  readonly cgroups?: string[]
}

/** A process id and when it started, since ids are used again. */
interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTime(process.pid) ?? '' }
}

/** Written before the thing itself is made, so that nothing can be missed. */
export function record(lab: LabRecord): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(fileOf(lab.id), JSON.stringify(lab))
}

/** Removes the labs whose process is gone. Returns their ids. */
export function sweep(): string[] {
  const abandoned = readAll().filter(
    ({ owner }) => startTime(owner.pid) !== owner.startTime,
  )
  abandoned.forEach(remove)
  return abandoned.map(({ id }) => id)
}

/**
 * Kills what still runs in a lab's namespaces and removes them. Synchronous,
 * because it is also the last thing a dying process does.
 */
export function remove(lab: LabRecord): void {
  const present = new Set(namespaces())
  for (const name of lab.namespaces.toReversed()) {
    if (present.has(name)) removeNamespace(name)
    rmSync(join('/etc/netns', name), { recursive: true, force: true })
  }
  for (const name of lab.cgroups ?? []) removeCgroup(name)
  for (const path of lab.directories) {
    // What was killed a moment ago may still write.
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
  rmSync(fileOf(lab.id), { force: true })
}

/** Names of all network namespaces of this machine. */
export function namespaces(): string[] {
  return ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ', 1)[0] ?? '')
    .filter((name) => name !== '')
}

/** Namespaces of the labs that a running process has. */
export function namespacesOf(pid: number): string[] {
  return readAll()
    .filter(({ owner }) => owner.pid === pid)
    .flatMap((lab) => lab.namespaces)
}

function removeNamespace(name: string): void {
  try {
    killAllIn(name)
    ip('netns', 'delete', name)
  } catch (error) {
    // Another process that sweeps at the same time may have been faster.
    if (namespaces().includes(name)) throw error
  }
}

function killAllIn(name: string): void {
  for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

function readAll(): LabRecord[] {
  mkdirSync(directory, { recursive: true })
  return readdirSync(directory).flatMap((file) => {
    try {
      const text = readFileSync(join(directory, file), 'utf8')
      return [JSON.parse(text) as LabRecord]
    } catch {
      // Removed by its owner, or its owner is writing it now.
      return []
    }
  })
}

/** Field 22 of /proc/PID/stat: clock ticks since boot; null when it is gone. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[19] ?? null
  } catch {
    return null
  }
}

function fileOf(id: string): string {
  return join(directory, `${id}.json`)
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' })
}
