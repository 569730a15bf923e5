import { readlink, stat, statfs } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { errors } from '../base/errors.js'
import type { Namespace, Namespaces } from './system.js'

/** Where `ip netns` keeps its names; the second is an old spelling. */
const directories = ['/run/netns', '/var/run/netns'] as const

/** File system type of namespace files (linux/magic.h NSFS_MAGIC). */
const nsfsMagic = 0x6e736673

interface Candidate {
  readonly paths: readonly string[]
  readonly defaultName: string
}

export class LinuxNamespaces implements Namespaces {
  readonly #directories: readonly string[]

  constructor(namedIn: readonly string[] = directories) {
    this.#directories = namedIn
  }

  async resolve(target: string): Promise<Namespace> {
    const { paths, defaultName } = this.#candidate(target)
    for (const path of paths) {
      const identity = await identify(path)
      if (identity === null) continue
      const named = this.#directories.includes(dirname(path))
      return {
        path,
        identity,
        defaultName,
        ...(named && { name: basename(path) }),
      }
    }
    throw errors.NAMESPACE_NOT_FOUND(target, paths)
  }

  #candidate(target: string): Candidate {
    const pid = /^pid:([1-9]\d{0,9})$/.exec(target)?.[1]
    if (pid !== undefined) {
      return { paths: [`/proc/${pid}/ns/net`], defaultName: `pid-${pid}` }
    }
    if (isAbsolute(target)) {
      return { paths: [target], defaultName: basename(target) }
    }
    if (!/^[^/:\s]+$/.test(target) || /^\.\.?$/.test(target)) {
      throw errors.NAMESPACE_INVALID(
        target,
        'not a name, an absolute path or pid:N',
      )
    }
    return {
      paths: this.#directories.map((directory) => join(directory, target)),
      defaultName: target,
    }
  }
}

/** Device and inode of a namespace file; null when there is no such file. */
async function identify(path: string): Promise<string | null> {
  try {
    if (!(await isNetworkNamespace(path))) {
      throw errors.NAMESPACE_INVALID(path, 'not a network namespace')
    }
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'EACCES') throw errors.NAMESPACE_INVALID(path, 'not permitted')
    throw error
  }
}

/**
 * True for other kinds of namespace too when they are bind mounts, whose kind
 * the file system does not tell; `nsenter` refuses those later.
 */
async function isNetworkNamespace(path: string): Promise<boolean> {
  const { type } = await statfs(path)
  if (type !== nsfsMagic) return false
  const kind = await readlink(path).catch(() => 'net:')
  return !/^[a-z_]+:\[\d+\]$/.test(kind) || kind.startsWith('net:')
}
