import { access, constants } from 'node:fs/promises'
import { errors, isOvertapError } from '../base/errors.js'
import { filterTable, forwardTables } from './filter-tables.js'
import type { Run } from './run.js'
import type { FilterTable, Firewall } from './system.js'

/** Not by PATH: other programs are called `nft`, too (a package of npm). */
const places = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft', '/bin/nft']

/** Without counters; without the elements of named maps. */
const flags = { all: '-s', rules: '-st' } as const

export class LinuxFirewall implements Firewall {
  readonly #run: Run
  readonly #places: readonly string[]
  #found: string | undefined

  constructor(run: Run, lookedFor: readonly string[] = places) {
    this.#run = run
    this.#places = lookedFor
  }

  async problem(): Promise<string | null> {
    try {
      await this.#run({ argv: [await this.#nft(), 'list', 'tables'] })
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  async load(
    ruleset: string,
    table: string,
    detail: 'all' | 'rules',
  ): Promise<string> {
    const nft = await this.#nft()
    const script = `"$0" -f - && exec "$0" ${flags[detail]} list table inet "$1"`
    return this.#run({
      argv: ['sh', '-c', script, nft, table],
      input: ruleset,
    })
  }

  async list(table: string, detail: 'all' | 'rules'): Promise<string | null> {
    const nft = await this.#nft()
    try {
      return await this.#run({
        argv: [nft, flags[detail], 'list', 'table', 'inet', table],
      })
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async forwarding(except: string): Promise<readonly FilterTable[]> {
    const nft = await this.#nft()
    const list = (...what: string[]) =>
      this.#run({ argv: [nft, '--json', '--stateless', 'list', ...what] })
    const found: FilterTable[] = []
    for (const table of forwardTables(await list('chains'))) {
      const { family, name } = table
      if (family === 'inet' && name === except) continue
      found.push(filterTable(table, await list('table', family, name)))
    }
    return found
  }

  async remove(table: string): Promise<void> {
    const nft = await this.#nft()
    try {
      await this.#run({ argv: [nft, 'delete', 'table', 'inet', table] })
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /** Its path. Throws FIREWALL_MISSING. */
  async #nft(): Promise<string> {
    for (const path of this.#found ? [this.#found] : this.#places) {
      const isThere = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (isThere) return (this.#found = path)
    }
    this.#found = undefined
    throw errors.FIREWALL_MISSING(this.#places)
  }
}

function isMissing(error: unknown): boolean {
  return (
    isOvertapError(error, 'COMMAND_FAILED') &&
    error.message.includes('No such file or directory')
  )
}
