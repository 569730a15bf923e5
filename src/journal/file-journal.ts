import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errors, OvertapError } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import type { Json } from '../store/store.js'
import { readContents, writeContents } from './contents.js'
import type { JournalIdentity } from './contents.js'
import { applyChange } from './journal.js'
import type { Journal, JournalChange } from './journal.js'
import { encodeLine } from './lines.js'

export interface FileJournalOptions extends JournalIdentity {
  readonly path: string
  readonly logger: Logger
}

interface Pending {
  readonly change: JournalChange
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A file shorter than this is not worth writing anew, bytes. */
const smallFile = 64 * 1024

/**
 * An append-only file. Each write is synced before it counts, all that wait at
 * one moment together; when most of the file is history it is replaced by a
 * new one (written, synced, renamed), so that it is whole at any moment.
 */
export class FileJournal implements Journal {
  readonly #options: FileJournalOptions
  #entries = new Map<string, Json>()
  #file: FileHandle | undefined
  /** Bytes in the file, and how many there were when it was new. */
  #size = 0
  #newSize = 0
  #pending: Pending[] = []
  #writing: Promise<void> = Promise.resolve()

  constructor(options: FileJournalOptions) {
    this.#options = options
  }

  get entries(): ReadonlyMap<string, Json> {
    return this.#entries
  }

  async open(): Promise<void> {
    const { path } = this.#options
    await this.#guarded(async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const contents = readContents(await read(path), this.#options, path)
      if (contents.damaged.length > 0) await this.#setAside(contents.damaged)
      this.#entries = contents.entries
      await this.#replace()
    })
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
  }

  write(change: JournalChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ change, resolve, reject })
      if (this.#pending.length > 1) return
      this.#writing = this.#writing.then(() => this.#writePending())
    })
  }

  /** Never rejects; those who wait are told. */
  async #writePending(): Promise<void> {
    const batch = this.#pending.splice(0)
    try {
      await this.#guarded(() => this.#append(batch))
    } catch (error) {
      // Half of it may be in the file: the next write begins a new one.
      await this.#file?.close().catch(() => undefined)
      this.#file = undefined
      for (const { reject } of batch) reject(error)
      return
    }
    for (const { change, resolve } of batch) {
      applyChange(this.#entries, change)
      resolve()
    }
  }

  async #append(batch: readonly Pending[]): Promise<void> {
    const outgrown = this.#size > smallFile + 2 * this.#newSize
    const file = this.#file && !outgrown ? this.#file : await this.#replace()
    const lines = Buffer.concat(batch.map(({ change }) => encodeLine(change)))
    await file.appendFile(lines)
    await file.datasync()
    this.#size += lines.length
  }

  /** Begins a new file with no more than the present entries. */
  async #replace(): Promise<FileHandle> {
    const { path } = this.#options
    const contents = writeContents(this.#entries, this.#options)
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.appendFile(contents)
      await file.sync()
      await rename(`${path}.new`, path)
      await syncDirectory(dirname(path))
    } catch (error) {
      await file.close()
      throw error
    }
    await this.#file?.close()
    this.#file = file
    this.#size = this.#newSize = contents.length
    return file
  }

  /** For whoever wants to know what was lost. */
  async #setAside(damaged: Buffer): Promise<void> {
    const path = `${this.#options.path}.damaged`
    await writeFile(path, damaged, { mode: 0o600 })
    this.#options.logger.warn(
      { path },
      `the end of the journal is damaged; ${damaged.length} bytes are set aside`,
    )
  }

  async #guarded(task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (error) {
      if (error instanceof OvertapError) throw error
      const { message } = error as Error
      throw errors.FILE_UNWRITABLE(this.#options.path, message)
    }
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return Buffer.alloc(0)
    }
    throw error
  }
}

/** A rename lasts only when the directory is on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
