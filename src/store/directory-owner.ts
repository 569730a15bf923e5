import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errors } from '../base/errors.js'
import { processStart } from './process-table.js'

const ownerSchema = z.object({ pid: z.int(), started: z.number() })

/**
 * Makes this process the only one that may run a server in the directory;
 * returns the function that gives it back. Rejects with EMBEDDED_REDIS_IN_USE
 * while the process that has it lives. One that was killed leaves its file
 * behind, which then counts for nothing.
 */
export async function ownDirectory(
  directory: string,
): Promise<() => Promise<void>> {
  const path = join(directory, 'owner.json')
  const holder = await readOwner(path)
  if (holder && (await processStart(holder.pid)) === holder.started) {
    throw errors.EMBEDDED_REDIS_IN_USE(directory, holder.pid)
  }
  await rm(path, { force: true })
  const { pid } = process
  const own = JSON.stringify({ pid, started: await processStart(pid) })
  // Fails when another process that starts in this moment was faster.
  await writeFile(path, own, { flag: 'wx', mode: 0o600 })
  return () => rm(path, { force: true })
}

async function readOwner(path: string) {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}
