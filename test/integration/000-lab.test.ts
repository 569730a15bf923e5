//  A kernel overlay in the lab, without overtap: the laboratory itself works.
//
//   k4000-near            k4000-far
//       |                     |
//   br4000 - vx4000       vx4000 - br4000
//   host2 (.130) --- switch --- host3 (.128)

import anyTest, { type TestFn } from 'ava'
import { Capture } from '../lab/capture.js'
import { iperf } from '../lab/iperf.js'
import { kernelContender } from '../lab/kernel-vxlan.js'
import { Lab } from '../lab/lab.js'
import { namespaces } from '../lab/registry.js'

const test = anyTest as TestFn<{ lab: Lab }>

test.beforeEach(async (t) => {
  t.context.lab = await Lab.create()
})

test.afterEach.always(async (t) => {
  await t.context.lab.destroy()
})

test('hosts reach each other and nothing else', async (t) => {
  const { lab } = t.context
  const host2 = await lab.addHost('host2', '192.168.56.130')
  await lab.addHost('host3', '192.168.56.128')

  await t.notThrowsAsync(host2.run('ping', '-c1', '-W1', '192.168.56.128'))
  t.is(await host2.run('ip', 'route', 'show', 'default'), '')
})

test('a kernel overlay carries TCP, and its frames can be captured', async (t) => {
  const { lab } = t.context
  const host2 = await lab.addHost('host2', '192.168.56.130')
  const host3 = await lab.addHost('host3', '192.168.56.128')
  const { near, far, address } = await kernelContender(lab, [host2, host3])
  const capture = await Capture.start(lab, host3, {
    interface: host3.interface,
    filter: 'udp port 14789',
    count: 20,
  })

  const { bitsPerSecond } = await iperf(near, far, address, { seconds: 1 })

  t.true(bitsPerSecond > 100e6, `${bitsPerSecond} bit/s`)
  await capture.complete()
  const frames = await capture.read(['udp.dstport'])
  t.is(frames.length, 20)
  t.true(frames.every((frame) => frame['udp.dstport'][0] === '14789'))
})

test('a destroyed lab leaves no namespace', async (t) => {
  const { lab } = t.context
  const host = await lab.addHost('host2', '192.168.56.130')
  const sleeper = host.start('sleep', ['60'])

  await lab.destroy()

  t.false(sleeper.running)
  t.deepEqual(
    namespaces().filter((name) => name.startsWith(lab.id)),
    [],
  )
})
