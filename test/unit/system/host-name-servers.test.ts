import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import {
  LinuxNameServers,
  parseNameServers,
} from '../../../src/system/host-name-servers.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { until } from '../../support/until.js'

/** What was told, the addresses of each time in one string. */
async function follow(t: ExecutionContext, path: string): Promise<string[]> {
  const told: string[] = []
  const stop = await new LinuxNameServers().follow(path, (servers) => {
    told.push(servers.map(({ address }) => address).join())
  })
  t.teardown(stop)
  return told
}

/** Not by the poll every ten seconds: by the watch. */
const soon = (condition: () => boolean) => until(condition, 'the news', 5000)

test('name servers are read as the C library does', (t) => {
  const text = [
    '# nameserver 192.0.2.9',
    'nameserver 192.0.2.1',
    'nameserver\t2001:db8::1 # trailing',
    ' nameserver 192.0.2.8',
    'nameserver fe80::1%eth0',
    'nameserver nonsense',
    'nameserver 192.0.2.4',
    'options timeout:1',
  ].join('\n')
  t.deepEqual(parseNameServers(text), [
    { address: '192.0.2.1', port: 53 },
    { address: '2001:db8::1', port: 53 },
    { address: 'fe80::1%eth0', port: 53 },
  ])
  t.deepEqual(parseNameServers(''), [])
})

test('a file that is written again or replaced is read again', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'resolv.conf')
  await writeFile(path, 'nameserver 192.0.2.1\n')
  const told = await follow(t, path)
  t.deepEqual(told, ['192.0.2.1'])

  await writeFile(path, 'nameserver 192.0.2.2\n')
  await soon(() => told.at(-1) === '192.0.2.2')

  await writeFile(`${path}.new`, 'nameserver 192.0.2.3\n')
  await rename(`${path}.new`, path)
  await soon(() => told.at(-1) === '192.0.2.3')

  await rm(path)
  await soon(() => told.at(-1) === '')
  await writeFile(path, 'nameserver 192.0.2.4\n')
  await soon(() => told.at(-1) === '192.0.2.4')
})

test('behind a link the file is followed where it is', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'resolv.conf')
  for (const name of ['a', 'b']) {
    await mkdir(join(directory, name))
    await writeFile(
      join(directory, name, 'stub'),
      `nameserver 192.0.2.${name === 'a' ? 1 : 2}\n`,
    )
  }
  await symlink('a/stub', path)
  const told = await follow(t, path)
  t.deepEqual(told, ['192.0.2.1'])

  await writeFile(join(directory, 'a', 'stub'), 'nameserver 192.0.2.11\n')
  await soon(() => told.at(-1) === '192.0.2.11')

  await symlink('b/stub', `${path}.new`)
  await rename(`${path}.new`, path)
  await soon(() => told.at(-1) === '192.0.2.2')

  await writeFile(join(directory, 'b', 'stub'), 'nameserver 192.0.2.22\n')
  await soon(() => told.at(-1) === '192.0.2.22')
})

test('nobody is told what is the same as before, nor anything at the end', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'resolv.conf')
  await writeFile(path, 'nameserver 192.0.2.1\n')
  const told: string[] = []
  const stop = await new LinuxNameServers().follow(path, (servers) => {
    told.push(servers.map(({ address }) => address).join())
  })
  await writeFile(path, 'search example.com\nnameserver 192.0.2.1\n')
  await writeFile(join(directory, 'other'), '')
  const again = await follow(t, path)
  await writeFile(path, 'nameserver 192.0.2.5\n')
  await soon(() => again.at(-1) === '192.0.2.5')
  await soon(() => told.length === 2)
  t.deepEqual(told, ['192.0.2.1', '192.0.2.5'])
  stop()
  await writeFile(path, 'nameserver 192.0.2.6\n')
  await soon(() => again.at(-1) === '192.0.2.6')
  t.is(told.length, 2)
})

test('without the file, or its folder, there are no servers', async (t) => {
  const directory = await temporaryDirectory(t)
  t.deepEqual(await follow(t, join(directory, 'none')), [''])
  t.deepEqual(await follow(t, join(directory, 'no', 'where')), [''])
})
