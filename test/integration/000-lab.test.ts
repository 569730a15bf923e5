//  A kernel overlay in the lab, without overtap: the laboratory itself works.
//
//   k4000-near            k4000-far
//       |                     |
//   br4000 - vx4000       vx4000 - br4000
//   host2 (.130) --- switch --- host3 (.128)

import anyTest, { type TestFn } from 'ava'
import { execa } from 'execa'
import { Capture } from '../lab/capture.js'
import { iperf } from '../lab/iperf.js'
import { kernelContender } from '../lab/kernel-vxlan.js'
import { Lab } from '../lab/lab.js'
import { namespaces, record } from '../lab/registry.js'

const registry = new URL('../lab/registry.js', import.meta.url).href
const test = anyTest as TestFn<{ lab: Lab }>

test.beforeEach(async (t) => {
  t.context.lab = await Lab.create()
})

test.afterEach.always(async (t) => {
  await t.context.lab.destroy()
})

test.serial('hosts reach each other and nothing else', async (t) => {
  const { lab } = t.context
  const host2 = await lab.addHost('host2', '192.168.56.130')
  await lab.addHost('host3', '192.168.56.128')

  await t.notThrowsAsync(host2.run('ping', '-c1', '-W1', '192.168.56.128'))
  t.is(await host2.run('ip', 'route', 'show', 'default'), '')
})

test.serial(
  'a kernel overlay carries TCP, and its frames can be captured',
  async (t) => {
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
  },
)

test.serial('a destroyed lab leaves no namespace', async (t) => {
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

test.serial('two that sweep up the same at once do not fail', async (t) => {
  const id = `${t.context.lab.id}x`
  const left = Array.from({ length: 8 }, (_, index) => `${id}-${index}`)
  for (const name of left) await execa('ip', ['netns', 'add', name])
  // Nobody's: no process has started at 0.
  const owner = { pid: process.pid, startTime: '0' }
  record({ id, owner, namespaces: left, directories: [] })

  const script = `import { sweep } from '${registry}'; sweep()`
  const sweep = () =>
    execa(process.execPath, ['--input-type=module', '--eval', script])
  await t.notThrowsAsync(Promise.all([sweep(), sweep()]))

  t.deepEqual(
    namespaces().filter((name) => left.includes(name)),
    [],
  )
})
