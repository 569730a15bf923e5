import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
} from 'node:fs'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'
/** For killed processes to be gone; a group with one in it cannot be removed. */
const patienceMs = 3000

/**
 * Where groups are made: with version 1 a hierarchy per controller, with
 * version 2 a single one.
 */
function hierarchies(): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root]
  return existsSync(root)
    ? readdirSync(root).map((controller) => join(root, controller))
    : []
}

/** Why no group can be made here, if it is so. */
export function cgroupsMissing(): string | undefined {
  const places = hierarchies()
  if (places.length === 0) return 'there are no control groups'
  try {
    for (const place of places) {
      const probe = join(place, `overtap-probe-${process.pid}`)
      mkdirSync(probe)
      rmdirSync(probe)
    }
    return undefined
  } catch (error) {
    return `control groups cannot be made: ${String(error)}`
  }
}

/** Kills what is in a group, and removes it with those inside it. */
export function removeCgroup(name: string): void {
  const deadline = Date.now() + patienceMs
  for (const place of hierarchies()) {
    const group = join(place, name)
    while (existsSync(group) && !emptied(group) && Date.now() < deadline) {
      pause(20)
    }
  }
}

/** Groups that a lab named so, or part of it, still has. */
export function cgroupsOf(prefix: string): string[] {
  return hierarchies()
    .flatMap((place) => readdirSync(place).map((name) => join(place, name)))
    .filter((path) => path.includes(`/${prefix}`))
}

function emptied(group: string): boolean {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) emptied(join(group, entry.name))
  }
  try {
    killAllIn(group)
    rmdirSync(group)
    return true
  } catch {
    return false
  }
}

function killAllIn(group: string): void {
  const members = readFileSync(join(group, 'cgroup.procs'), 'utf8')
  for (const pid of members.split('\n').filter(Boolean)) {
    process.kill(Number(pid), 'SIGKILL')
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
