import test from 'ava'
import { EventLog } from '../../../../src/node/events/event-log.js'
import { PathMtus } from '../../../../src/node/paths/path-mtus.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { RecordingLogger } from '../../../support/recording-logger.js'

const peer = 7
const vtep = { address: '192.168.56.3', port: 4789 }

/** An engine on a host with one path, to all peers. */
class Host {
  readonly clock = new FakeClock()
  readonly events = new EventLog(this.clock)
  /** What the kernel says; undefined: no route. */
  kernel: number | undefined = 1500
  /** What the device takes. */
  device = 1500
  /** What the narrowest hop takes, which answers at once. */
  hop = Infinity
  /** What the engine was told, in order. */
  readonly told: number[] = []
  readonly probes: number[] = []
  readonly paths = new PathMtus({
    vtep: { address: '192.168.56.2', port: 4789 },
    events: this.events,
    clock: this.clock,
    log: new RecordingLogger(),
    engine: {
      pathMtu: () => this.kernel,
      setPeerMtu: (_, mtu) => this.told.push(mtu),
      probePath: (_, size) => {
        this.probes.push(size)
        if (size > this.device) return false
        if (size > this.hop) this.kernel = this.hop
        return true
      },
    },
  })

  get mtu(): number | undefined {
    return this.paths.all()[peer]
  }

  messages(): string[] {
    return this.events.latest(10).map(({ message }) => message)
  }
}

test('a new peer has what the kernel knows at once, and is probed', (t) => {
  const host = new Host()
  host.paths.added(peer, vtep)
  t.is(host.mtu, 1500)
  t.deepEqual(host.told, [1450])
  t.deepEqual(host.probes, [1500])
  t.deepEqual(host.messages(), [])
})

test('a hop that answers narrows the path a second later', (t) => {
  const host = new Host()
  host.hop = 1400
  host.paths.added(peer, vtep)
  host.clock.advance(1000)
  t.is(host.mtu, 1400)
  t.deepEqual(host.told, [1450, 1350])
  t.deepEqual(host.messages(), [
    'packets to 192.168.56.3:4789 may have 1400 bytes, before 1500',
  ])
})

test('over IPv6, 20 bytes less are left', (t) => {
  const told: number[] = []
  const clock = new FakeClock()
  const paths = new PathMtus({
    vtep: { address: 'fd56::2', port: 4789 },
    events: new EventLog(clock),
    clock,
    log: new RecordingLogger(),
    engine: {
      pathMtu: () => 1500,
      setPeerMtu: (_, mtu) => told.push(mtu),
      probePath: () => true,
    },
  })
  paths.added(peer, { address: 'fd56::3', port: 4789 })
  t.deepEqual(told, [1430])
})

test('a path is probed now and then, at its full size', (t) => {
  const host = new Host()
  host.hop = 1400
  host.paths.added(peer, vtep)
  host.clock.advance(10 * 60_000)
  t.deepEqual(new Set(host.probes), new Set([1500]))
  t.true(host.probes.length >= 9 && host.probes.length <= 11)
})

test('a wider path is believed when a probe met with no objection', (t) => {
  const host = new Host()
  host.kernel = 1400
  host.paths.added(peer, vtep)
  t.deepEqual(host.probes, [1400])

  host.kernel = 1500 // what an earlier ICMP had told has expired
  host.hop = 1400
  host.clock.advance(30_000)
  t.is(host.mtu, 1400)
  t.is(host.probes.at(-1), 1500)

  host.hop = Infinity
  host.kernel = 1500
  host.clock.advance(10_000)
  t.is(host.mtu, 1500)
  t.deepEqual(host.messages(), [
    'packets to 192.168.56.3:4789 may have 1500 bytes, before 1400',
  ])
})

test('a device that takes less is followed', (t) => {
  const host = new Host()
  host.paths.added(peer, vtep)
  host.device = 1300
  host.kernel = 1300
  host.clock.advance(10_000)
  t.is(host.mtu, 1300)
  host.clock.advance(120_000)
  t.is(host.probes.at(-1), 1300)
})

test('what the engine doubts is looked at soon, and always answered', (t) => {
  const host = new Host()
  host.paths.added(peer, vtep)
  host.clock.advance(2000)
  host.kernel = 1300
  host.paths.doubt(peer)
  host.clock.advance(100)
  t.is(host.mtu, 1300)

  const before = host.told.length
  host.paths.doubt(peer)
  host.clock.advance(100)
  t.deepEqual(host.told.slice(before), [1250])
})

test('without a route the last is kept, and nothing is probed', (t) => {
  const host = new Host()
  host.kernel = undefined
  host.paths.added(peer, vtep)
  host.clock.advance(10_000)
  t.is(host.mtu, undefined)
  t.deepEqual([host.told, host.probes], [[], []])
  host.kernel = 1500
  host.clock.advance(10_000)
  host.kernel = undefined
  host.clock.advance(10_000)
  t.is(host.mtu, 1500)
})

test('many peers are not probed all at once', (t) => {
  const host = new Host()
  for (let id = 1; id <= 100; id++) host.paths.added(id, vtep)
  t.is(host.probes.length, 32)
  host.clock.advance(60_000)
  t.true(host.probes.length >= 100)
})

test('nothing is left to do when the last peer is gone', (t) => {
  const host = new Host()
  host.paths.added(peer, vtep)
  host.paths.removed(peer)
  host.paths.doubt(peer)
  const { length } = host.probes
  host.clock.advance(600_000)
  t.is(host.probes.length, length)
  t.deepEqual(host.paths.all(), {})
})
