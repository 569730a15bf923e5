import { readFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { execa } from 'execa'
import type { Contender } from '../contenders/contender.js'
import { version as overtap } from '../../src/base/version.js'
import type { Machine } from './results.js'

/** Describes what a run is about to be made on. */
export async function describeMachine(
  contenders: readonly Contender[],
  command: string,
): Promise<Machine> {
  const versions: Record<string, string> = {
    overtap: `${overtap} (${await commit()})`,
    Node: process.version,
  }
  for (const { name, version } of contenders) {
    if (version) versions[name] = await firstLine(version)
  }
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command,
    kernel: release(),
    congestionControl: await congestionControl(),
    cpus: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    versions,
    loadBefore: loadavg()[0] ?? 0,
  }
}

/** What namespaces inherit. */
async function congestionControl(): Promise<string> {
  const path = '/proc/sys/net/ipv4/tcp_congestion_control'
  return (await readFile(path, 'utf8')).trim()
}

async function commit(): Promise<string> {
  const flags = ['describe', '--always', '--dirty', '--exclude=*']
  const { stdout } = await execa('git', flags, { reject: false })
  return stdout === '' ? 'no commit' : stdout
}

async function firstLine(
  command: readonly [string, ...string[]],
): Promise<string> {
  const [file, ...args] = command
  const { all } = await execa(file, args, { reject: false, all: true })
  return all.trim().split('\n', 1)[0] ?? ''
}
