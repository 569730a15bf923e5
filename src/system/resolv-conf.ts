import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from '../base/errors.js'
import type { ResolvConf } from './system.js'

/** `ip netns exec NAME` mounts the files found here over those in /etc. */
const directory = '/etc/netns'

const marker = '# written by overtap; remove this line to keep your own text'

export class LinuxResolvConf implements ResolvConf {
  readonly #directory: string

  constructor(netnsDirectory: string = directory) {
    this.#directory = netnsDirectory
  }

  async write(
    namespace: string,
    servers: readonly string[],
  ): Promise<'done' | 'foreign'> {
    const folder = join(this.#directory, namespace)
    const file = join(folder, 'resolv.conf')
    try {
      const present = await read(file)
      if (present !== null && !present.startsWith(marker)) return 'foreign'
      if (servers.length === 0) await remove(folder, file)
      else await put(folder, file, servers)
      return 'done'
    } catch (error) {
      throw errors.FILE_UNWRITABLE(file, (error as Error).message)
    }
  }
}

/**
 * Written in place, not renamed over: what `ip netns exec` has mounted stays
 * the same file, so that running shells see the change.
 */
async function put(
  folder: string,
  file: string,
  servers: readonly string[],
): Promise<void> {
  const lines = [
    marker,
    ...servers.map((server) => `nameserver ${server}`),
    'options ndots:0',
  ]
  await mkdir(folder, { recursive: true })
  await writeFile(file, lines.join('\n') + '\n')
}

/** The folder goes with it, unless it holds other things. */
async function remove(folder: string, file: string): Promise<void> {
  await rm(file, { force: true })
  await rmdir(folder).catch(ignoreCodes('ENOTEMPTY', 'ENOENT'))
}

async function read(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    ignoreCodes('ENOENT')(error)
    return null
  })
}

function ignoreCodes(...codes: readonly string[]) {
  return (error: unknown): void => {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!codes.includes(code)) throw error
  }
}
