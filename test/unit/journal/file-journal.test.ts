import {
  mkdir,
  readFile,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 as zlibCrc32 } from 'node:zlib'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { readContents } from '../../../src/journal/contents.js'
import { crc32 } from '../../../src/journal/crc32.js'
import { FileJournal } from '../../../src/journal/file-journal.js'
import { encodeLine } from '../../../src/journal/lines.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

const own = { cluster: 'default', host: 'host2' }

function journalAt(
  t: ExecutionContext,
  path: string,
  identity = own,
): { journal: FileJournal; logger: RecordingLogger } {
  const logger = new RecordingLogger()
  const journal = new FileJournal({ path, logger, ...identity })
  t.teardown(() => journal.close())
  return { journal, logger }
}

async function opened(t: ExecutionContext, path: string, identity = own) {
  const { journal, logger } = journalAt(t, path, identity)
  await journal.open()
  return { journal, logger }
}

function put(key: string, value: number | string) {
  return { puts: [{ key, value }] }
}

test('what was written is there after a restart', async (t) => {
  const path = join(await temporaryDirectory(t), 'state', 'journal')
  const { journal } = await opened(t, path)

  await journal.write(put('a', 1))
  await journal.write({ puts: [{ key: 'b', value: { deep: ['ü', null] } }] })
  await journal.write({ puts: [{ key: 'c', value: 3 }], deletes: ['a'] })
  await journal.close()

  const { journal: next } = await opened(t, path)
  t.deepEqual(
    [...next.entries],
    [
      ['b', { deep: ['ü', null] }],
      ['c', 3],
    ],
  )
  t.is((await stat(path)).mode & 0o777, 0o600)
})

test('many writes at once all last, in their order', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const { journal } = await opened(t, path)

  await Promise.all(
    Array.from({ length: 200 }, (_, n) => journal.write(put(`k${n % 20}`, n))),
  )
  await journal.close()

  const { journal: next } = await opened(t, path)
  t.deepEqual(
    [...next.entries.values()],
    Array.from({ length: 20 }, (_, n) => 180 + n),
  )
})

test('cut at any byte, it is one of the states it has been in', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const { journal } = await opened(t, path)
  const states = [JSON.stringify([])]
  for (let n = 0; n < 12; n++) {
    const value = { id: 'f'.repeat(64), addresses: [`10.0.0.${n}/24`] }
    await journal.write({
      puts: [{ key: `endpoint/n/${n}`, value }],
      deletes: n % 3 === 2 ? [`endpoint/n/${n - 1}`] : [],
    })
    states.push(JSON.stringify([...journal.entries]))
  }
  await journal.close()
  const whole = await readFile(path)

  let reached = 0
  for (let length = 0; length <= whole.length; length++) {
    const cut = whole.subarray(0, length)
    const { entries, damaged } = readContents(cut, own, path)
    const state = states.indexOf(JSON.stringify([...entries]))
    t.true(state >= reached, `after ${length} bytes: state ${state}`)
    reached = state
    const betweenLines = length === 0 || whole[length - 1] === 0x0a
    t.is(damaged.length === 0, betweenLines, `after ${length} bytes`)
  }
  t.is(reached, states.length - 1)
})

test('from a changed byte on nothing counts, and it is set aside', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const { journal } = await opened(t, path)
  await journal.write(put('a', 1))
  const { size } = await stat(path)
  await journal.write(put('b', 2))
  await journal.write(put('c', 3))
  await journal.close()
  const bytes = await readFile(path)
  const tail = bytes.subarray(size)
  tail.writeUInt8(tail.readUInt8(12) ^ 1, 12)
  await writeFile(path, bytes)

  const { journal: next, logger } = await opened(t, path)

  t.deepEqual([...next.entries], [['a', 1]])
  t.deepEqual(await readFile(`${path}.damaged`), tail)
  t.like(logger.lines, { 0: { level: 'warn', path: `${path}.damaged` } })
  await next.write(put('d', 4))
  await next.close()
  const { journal: third, logger: quiet } = await opened(t, path)
  t.deepEqual([...third.entries.keys()], ['a', 'd'])
  t.deepEqual(quiet.lines, [])
})

test('a file that is no journal is set aside', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  await writeFile(path, encodeLine({ some: 'thing' }))

  const { journal } = await opened(t, path)

  t.is(journal.entries.size, 0)
  t.true((await readFile(`${path}.damaged`)).length > 0)
})

test('the file does not grow with its history', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const { journal } = await opened(t, path)
  const value = 'x'.repeat(1000)

  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        journal.write(put(`k${n % 5}`, value)),
      ),
    )
  }

  t.true((await stat(path)).size < 200_000)
  await journal.close()
  const { journal: next } = await opened(t, path)
  t.is(next.entries.size, 5)
})

test('the journal of another host is refused while it holds containers', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const { journal } = await opened(t, path)
  await journal.write(put('network/n', 1))
  await journal.close()
  const renamed = { ...own, host: 'host3' }
  const { journal: other } = await opened(t, path, renamed)
  t.is(other.entries.size, 0)
  await other.write(put('endpoint/n/a', 1))
  await other.close()

  await t.throwsAsync(journalAt(t, path).journal.open(), {
    code: 'JOURNAL_FOREIGN',
    message: `${path} is the journal of host host3 of cluster default; this daemon is host host2 of cluster default`,
  })
})

test('the journal of a newer overtapd is refused and stays', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const head = { format: 'overtap-journal', version: 2, ...own }
  await writeFile(path, encodeLine(head))

  await t.throwsAsync(journalAt(t, path).journal.open(), {
    code: 'JOURNAL_NEWER',
  })
  t.deepEqual(await readFile(path), encodeLine(head))
})

test('a write that cannot be made safe is refused, later ones work', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'journal')
  const { journal } = await opened(t, path)
  await journal.write(put('a', 1))
  await journal.close()
  // The next write begins a new file, whose place is taken.
  await mkdir(`${path}.new`)

  await t.throwsAsync(journal.write(put('b', 2)), { code: 'FILE_UNWRITABLE' })
  t.deepEqual([...journal.entries], [['a', 1]])

  await rmdir(`${path}.new`)
  await journal.write(put('c', 3))
  await journal.close()
  const { journal: next } = await opened(t, path)
  t.deepEqual([...next.entries.keys()], ['a', 'c'])
})

test('a file shortened to nothing is an empty journal', async (t) => {
  const path = join(await temporaryDirectory(t), 'journal')
  const { journal } = await opened(t, path)
  await journal.write(put('a', 1))
  await journal.close()
  await truncate(path)

  const { journal: next } = await opened(t, path)

  t.is(next.entries.size, 0)
})

test('the checksum is the one of zlib', (t) => {
  t.is(crc32(Buffer.from('123456789')), 0xcbf43926)
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, n) => n * 7))
  t.is(crc32(bytes), zlibCrc32(bytes))
})
