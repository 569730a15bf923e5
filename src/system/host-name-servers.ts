import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { isIP } from 'node:net'
import { basename, dirname } from 'node:path'
import type { NameServer, NameServers } from './dns.js'

const DNS_PORT = 53
/** As many as the C library asks (resolv.conf(5), MAXNS). */
const MOST_SERVERS = 3
/** Editors and DHCP clients write in several steps. */
const SETTLE_MS = 100
/** What no watch tells, of a link in the middle of a chain for instance. */
const POLL_MS = 10_000

/** The servers that the host's own programs ask, out of resolv.conf. */
export class LinuxNameServers implements NameServers {
  async follow(
    path: string,
    onChange: (servers: readonly NameServer[]) => void,
  ): Promise<() => void> {
    const follower = new Follower(path, onChange)
    await follower.look()
    return () => {
      follower.stop()
    }
  }
}

/** In the order of the file; comments, other options and what is no address are skipped. */
export function parseNameServers(text: string): readonly NameServer[] {
  return text
    .split('\n')
    .map((line) => /^nameserver[ \t]+(\S+)/.exec(line)?.[1] ?? '')
    .filter((address) => isIP(address) !== 0)
    .slice(0, MOST_SERVERS)
    .map((address) => ({ address, port: DNS_PORT }))
}

/**
 * Watches folders rather than the file, which may be missing, renamed over or
 * a link; and looks now and then whatever was told.
 */
class Follower {
  readonly #path: string
  readonly #onChange: (servers: readonly NameServer[]) => void
  readonly #watchers = new Map<string, FSWatcher>()
  #seen: string | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(
    path: string,
    onChange: (servers: readonly NameServer[]) => void,
  ) {
    this.#path = path
    this.#onChange = onChange
  }

  /** Tells when the servers are others than the last time. */
  async look(): Promise<void> {
    const target = await realpath(this.#path).catch(() => this.#path)
    // The watch comes first, so that nothing is missed between the two.
    this.#watch([this.#path, target])
    const text = await readFile(this.#path, 'utf8').catch(() => '')
    if (this.#stopped) return
    this.#lookIn(POLL_MS)
    const servers = parseNameServers(text)
    const seen = JSON.stringify(servers)
    if (seen === this.#seen) return
    this.#seen = seen
    this.#onChange(servers)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#watch([])
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.look(), ms).unref()
  }

  #watch(files: readonly string[]): void {
    const wanted = new Set(files)
    for (const [file, watcher] of this.#watchers) {
      if (wanted.has(file)) continue
      watcher.close()
      this.#watchers.delete(file)
    }
    for (const file of wanted) {
      if (!this.#watchers.has(file)) this.#watchFile(file)
    }
  }

  #watchFile(file: string): void {
    if (this.#stopped) return
    try {
      const watcher = watch(dirname(file), { persistent: false })
      watcher.on('change', (_, name: string | Buffer | null) => {
        if (name === null || name === basename(file)) this.#lookIn(SETTLE_MS)
      })
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(file)
      })
      this.#watchers.set(file, watcher)
    } catch {
      // No such folder, or no watches left: then there is the poll.
    }
  }
}
