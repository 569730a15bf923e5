import test from 'ava'
import {
  parsePublishRequest,
  publishText,
} from '../../../../src/net/published-port.js'
import {
  PublishedPorts,
  recordedPorts,
} from '../../../../src/node/gateway/published-ports.js'
import { FakeHostPorts } from '../../../support/fake-host-ports.js'

function host() {
  const system = new FakeHostPorts()
  const ports = new PublishedPorts(system)
  const take = async (name: string, ...texts: readonly string[]) => {
    const owner = { id: name, name, network: 'ov_net1' }
    const taken = await ports.take(owner, texts.map(parsePublishRequest))
    return taken.map(publishText)
  }
  return { system, ports, take }
}

test('a port is held in both families until it is released', async (t) => {
  const { system, ports, take } = host()
  t.deepEqual(await take('web', '8080:80', '127.0.0.1:53:53/udp'), [
    '8080:80/tcp',
    '127.0.0.1:53:53/udp',
  ])
  t.deepEqual(system.held, [
    'tcp 0.0.0.0 8080',
    'tcp :: 8080',
    'udp 127.0.0.1 53',
  ])
  ports.release('web')
  t.deepEqual(system.held, [])
})

for (const [first, second] of [
  ['80:80', '80:81'],
  ['80:80', '10.0.0.1:80:80'],
  ['10.0.0.1:80:80', '0.0.0.0:80:80'],
  ['80:80', '[::]:80:80'],
  ['8000-8010:8000-8010', '8010:80'],
  ['8010:80', '8000-8010:8000-8010'],
] as const) {
  test(`${first} keeps ${second} from another container`, async (t) => {
    const { system, take } = host()
    await take('web', first)
    const held = [...system.held]
    const port = /(\d[\d-]*):\d[\d-]*$/.exec(first)?.[1]
    await t.throwsAsync(take('other', '1:1', second), {
      code: 'PUBLISH_CONFLICT',
      message: `port ${port}/tcp of this host is published already, by web on ov_net1`,
    })
    t.deepEqual(system.held, held)
  })
}

for (const [first, second] of [
  ['80:80', '80:80/udp'],
  ['10.0.0.1:80:80', '10.0.0.2:80:80'],
  ['0.0.0.0:80:80', '[::]:80:80'],
  ['8000-8010:8000-8010', '8011:80'],
] as const) {
  test(`${first} leaves ${second} to another container`, async (t) => {
    const { take } = host()
    await take('web', first)
    await t.notThrowsAsync(take('other', second))
  })
}

test('what a process listens at is not published', async (t) => {
  const { system, take } = host()
  system.listeners.set('tcp 80', 'nginx (pid 812)')
  await t.throwsAsync(take('web', '81:81', '80:80'), {
    code: 'PUBLISH_CONFLICT',
    message: 'port 80/tcp of this host is in use by nginx (pid 812)',
  })
  t.deepEqual(system.held, [])
})

test('of two at the same time one gets the port', async (t) => {
  const { take } = host()
  const results = await Promise.allSettled([
    take('one', '80:80'),
    take('two', '80:80'),
  ])
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
})

test('a container cannot publish the same port twice', async (t) => {
  const { take } = host()
  await t.throwsAsync(take('web', '80:80', '80:81'), {
    code: 'PUBLISH_CONFLICT',
  })
})

test('ports left open are taken in sequence, those in use left out', async (t) => {
  const { system, take } = host()
  system.listeners.set('tcp 32769', 'sshd (pid 1)')
  t.deepEqual(await take('web', '80', '127.0.0.1::81'), [
    '32768:80/tcp',
    '127.0.0.1:32770:81/tcp',
  ])
  t.deepEqual(await take('other', '90-92/udp'), ['32771-32773:90-92/udp'])
})

test('the first free port of a range is taken', async (t) => {
  const { take } = host()
  t.deepEqual(await take('one', '8000-8001:80'), ['8000:80/tcp'])
  t.deepEqual(await take('two', '8000-8001:80'), ['8001:80/tcp'])
  await t.throwsAsync(take('three', '8000-8001:80'), {
    code: 'PUBLISH_EXHAUSTED',
    message: 'none of the ports 8000-8001 of this host is free',
  })
})

test('after the last port the first is next', async (t) => {
  const { system, ports, take } = host()
  system.range = { first: 40_000, last: 40_001 }
  await take('one', '80')
  await take('two', '80')
  ports.release('one')
  t.deepEqual(await take('three', '80'), ['40000:80/tcp'])
  await t.throwsAsync(take('four', '80'), { code: 'PUBLISH_EXHAUSTED' })
  await t.throwsAsync(take('five', '80-90'), { code: 'PUBLISH_EXHAUSTED' })
})

test('an address of somebody else is refused', async (t) => {
  const { system, take } = host()
  system.foreignAddresses.add('10.9.9.9')
  for (const text of ['10.9.9.9:80:80', '10.9.9.9::80']) {
    await t.throwsAsync(take('web', text), {
      code: 'PUBLISH_ADDRESS_UNKNOWN',
    })
  }
})

test('ports of one container have a limit', async (t) => {
  const { system, take } = host()
  await t.throwsAsync(take('web', '1-16384:1-16384', '20000:1'), {
    code: 'PUBLISH_TOO_MANY',
  })
  t.deepEqual(system.held, [])
})

test('sockets have a limit, and ports beyond have a user all the same', async (t) => {
  const { system, ports, take } = host()
  await take('web', '1-3000:1-3000')
  t.is(system.held.length, 4096)
  await t.throwsAsync(take('other', '3000:80'), { code: 'PUBLISH_CONFLICT' })
  ports.release('web')
  t.is(system.held.length, 0)
  await take('other', '3000:80')
  t.is(system.held.length, 2)
})

test('a container of the daemon before keeps its ports', async (t) => {
  const { system, ports, take } = host()
  system.listeners.set('tcp 80', 'nginx (pid 812)')
  const owner = { id: 'web', name: 'web', network: 'ov_net1' }
  const before = ['80:80', '81:81'].map(parsePublishRequest) as never
  t.deepEqual(await ports.adopt(owner, before), [
    'port 80/tcp of this host is in use by nginx (pid 812)',
  ])
  t.deepEqual(system.held, ['tcp 0.0.0.0 81', 'tcp :: 81'])
  await t.throwsAsync(take('other', '80:80'), {
    message: /published already, by web/,
  })
})

test('what a record says and cannot be read leads nowhere', (t) => {
  const publish = ['80:80/tcp', '81', 'what?', '82:82/udp']
  t.deepEqual(recordedPorts({ publish }).map(publishText), [
    '80:80/tcp',
    '82:82/udp',
  ])
})
