import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { LinuxNamespaces } from '../../../src/system/netns.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

const own = `/proc/${process.pid}/ns/net`

test('a process and a path lead to the same namespace', async (t) => {
  const namespaces = new LinuxNamespaces()

  const byPid = await namespaces.resolve(`pid:${process.pid}`)
  const byPath = await namespaces.resolve(own)

  t.is(byPid.identity, byPath.identity)
  t.is(byPid.path, own)
  t.is(byPid.defaultName, `pid-${process.pid}`)
  t.is(byPath.defaultName, 'net')
  t.is(byPath.name, undefined)
})

test('a name is looked for in all directories, in order', async (t) => {
  const [first, second] = [
    await temporaryDirectory(t),
    await temporaryDirectory(t),
  ]
  await symlink(own, join(second, 'bbox1'))
  const namespaces = new LinuxNamespaces([first, second])

  const found = await namespaces.resolve('bbox1')

  t.like(found, {
    path: join(second, 'bbox1'),
    name: 'bbox1',
    defaultName: 'bbox1',
  })
  const byPath = await namespaces.resolve(join(second, 'bbox1'))
  t.is(byPath.name, 'bbox1')
})

test('what is not there is named with all places looked at', async (t) => {
  const namespaces = new LinuxNamespaces(['/run/netns', '/var/run/netns'])

  await t.throwsAsync(namespaces.resolve('no-such-container'), {
    code: 'NAMESPACE_NOT_FOUND',
    message:
      'no network namespace no-such-container: looked for /run/netns/no-such-container, /var/run/netns/no-such-container',
  })
  await t.throwsAsync(namespaces.resolve('pid:4194305'), {
    message: /looked for \/proc\/4194305\/ns\/net$/,
  })
})

test('other files and other kinds of namespaces are refused', async (t) => {
  const directory = await temporaryDirectory(t)
  await writeFile(join(directory, 'left-over'), '')
  const namespaces = new LinuxNamespaces([directory])

  for (const target of ['left-over', '/proc/self/ns/mnt', '/dev/null']) {
    await t.throwsAsync(namespaces.resolve(target), {
      code: 'NAMESPACE_INVALID',
      message: /: not a network namespace$/,
    })
  }
})

test('targets that are none of the three forms are refused', async (t) => {
  const namespaces = new LinuxNamespaces()

  for (const target of ['', '..', 'a/b', 'pid:0', 'pid:x', 'a b']) {
    await t.throwsAsync(namespaces.resolve(target), {
      code: 'NAMESPACE_INVALID',
    })
  }
})
