import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from '../base/errors.js'

/**
 * A random identity kept in the state directory. A daemon that restarts shows
 * it to take its lease back at once; a copy on another host is refused.
 */
export async function hostId(stateDirectory: string): Promise<string> {
  const file = join(stateDirectory, 'host-id')
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
    await create(file)
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw errors.FILE_UNWRITABLE(file, (error as Error).message)
  }
}

/** Leaves an existing file as it is. */
async function create(file: string): Promise<void> {
  try {
    await writeFile(file, `${randomUUID()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
