import { readFile, readdir } from 'node:fs/promises'
import type { Pair } from '../contenders/contender.js'

/** What the machine and the daemons have used so far. */
export interface Counters {
  /** Seconds that each CPU was not idle. */
  readonly busy: readonly number[]
  /** Of the whole machine. */
  readonly contextSwitches: number
  readonly near: DaemonCounters
  readonly far: DaemonCounters
  /** That left the near end by its interface; a superpacket is one. */
  readonly packets: number
}

export interface DaemonCounters {
  readonly cpuSeconds: number
  /** Times a thread had nothing to do and was woken again. */
  readonly wakeUps: number
  readonly rssBytes: number
}

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

/** `loadPid` is a process in the near end's namespace. */
export async function readCounters(
  { daemons, interface: device }: Pair,
  loadPid: number,
): Promise<Counters> {
  const [stat, near, far, devices] = await Promise.all([
    readFile('/proc/stat', 'utf8'),
    readDaemons(daemons.near),
    readDaemons(daemons.far),
    readFile(`/proc/${loadPid}/net/dev`, 'utf8').catch(() => ''),
  ])
  return {
    busy: parseBusy(stat),
    contextSwitches: Number(/^ctxt (\d+)/m.exec(stat)?.[1] ?? 0),
    near,
    far,
    packets: parseSentPackets(devices, device),
  }
}

/** Seconds of each CPU that were neither idle nor waiting nor stolen. */
export function parseBusy(stat: string): number[] {
  return [...stat.matchAll(/^cpu\d+ (.*)$/gm)].map(([, fields = '']) => {
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields
      .split(' ')
      .map(Number)
    return (user + nice + system + irq + softirq) / ticksPerSecond
  })
}

/** Field 10 after the name in /proc/net/dev. */
export function parseSentPackets(devices: string, device: string): number {
  const line = devices
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text.startsWith(`${device}:`))
  const fields =
    line
      ?.slice(device.length + 1)
      .trim()
      .split(/\s+/) ?? []
  return Number(fields[9] ?? 0)
}

async function readDaemons(pids: readonly number[]): Promise<DaemonCounters> {
  const all = await Promise.all(pids.map(readDaemon))
  const sum = (pick: (one: DaemonCounters) => number): number =>
    all.reduce((total, one) => total + pick(one), 0)
  return {
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    wakeUps: sum(({ wakeUps }) => wakeUps),
    rssBytes: sum(({ rssBytes }) => rssBytes),
  }
}

async function readDaemon(pid: number): Promise<DaemonCounters> {
  const directory = `/proc/${pid}`
  const [stat, status, tasks] = await Promise.all([
    readFile(`${directory}/stat`, 'utf8'),
    readFile(`${directory}/status`, 'utf8'),
    readdir(`${directory}/task`),
  ])
  const voluntary = await Promise.all(
    tasks.map(async (task) =>
      readFile(`${directory}/task/${task}/status`, 'utf8').then(
        (text) => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]),
        () => 0,
      ),
    ),
  )
  // The name, in parentheses, may itself hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return {
    cpuSeconds: ticks / ticksPerSecond,
    wakeUps: voluntary.reduce((sum, one) => sum + one, 0),
    rssBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
  }
}
