import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from '../base/errors.js'
import type { Sysctls } from './system.js'

/** Of the network namespace this process is in. */
export class LinuxSysctls implements Sysctls {
  readonly #directory: string

  constructor(directory = '/proc/sys') {
    this.#directory = directory
  }

  async get(name: string): Promise<string | null> {
    try {
      return (await readFile(this.#path(name), 'utf8')).trim()
    } catch {
      return null
    }
  }

  async set(name: string, value: string): Promise<void> {
    const path = this.#path(name)
    try {
      await writeFile(path, `${value}\n`)
    } catch (error) {
      throw errors.FILE_UNWRITABLE(path, (error as Error).message)
    }
  }

  async list(name: string): Promise<readonly string[]> {
    return readdir(this.#path(name)).catch(() => [])
  }

  /** Names of interfaces have dots, too: `net/ipv4/conf/eth0.5` is read as it is. */
  #path(name: string): string {
    const path = name.includes('/') ? name : name.replaceAll('.', '/')
    return join(this.#directory, path)
  }
}
