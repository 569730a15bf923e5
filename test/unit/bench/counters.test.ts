import test from 'ava'
import { costBetween } from '../../../bench/ruler/cost.js'
import {
  type Counters,
  parseBusy,
  parseSentPackets,
} from '../../../bench/ruler/counters.js'
import { placements } from '../../../bench/ruler/placement.js'

test('a CPU is busy with all but idle, iowait and steal', (t) => {
  const stat = [
    'cpu  9 9 9 9 9 9 9 9 0 0',
    'cpu0 100 10 200 5000 77 3 40 99 0 0',
    'cpu1 1 0 0 5000 0 0 0 0 0 0',
    'ctxt 1234',
  ].join('\n')
  t.deepEqual(parseBusy(stat), [3.53, 0.01])
})

test('sent packets are those of the interface itself', (t) => {
  const devices = [
    'Inter-|   Receive                            |  Transmit',
    ' eth01:  1 1 0 0 0 0 0 0  1 1 0 0 0 0 0 0',
    '  eth0: 500 7 0 0 0 0 0 0 900 42 0 0 0 0 0 0',
  ].join('\n')
  t.is(parseSentPackets(devices, 'eth0'), 42)
  t.is(parseSentPackets(devices, 'tun0'), 0)
})

const daemon = { cpuSeconds: 1, wakeUps: 10, rssBytes: 5 }
const before: Counters = {
  busy: [1, 2],
  contextSwitches: 100,
  near: daemon,
  far: daemon,
  packets: 0,
}
const after: Counters = {
  busy: [2, 2.5],
  contextSwitches: 150,
  near: { cpuSeconds: 1.5, wakeUps: 30, rssBytes: 7 },
  far: daemon,
  packets: 9,
}

test('costs are differences, per side only when each has its CPU', (t) => {
  const [pinned, free] = placements
  if (!pinned || !free) return t.fail()
  const window = { bytes: 3e9, seconds: 2 }
  t.deepEqual(costBetween(before, after, pinned, window), {
    gigabytes: 3,
    seconds: 2,
    cpuSeconds: [1, 0.5],
    contextSwitches: 50,
    daemonCpuSeconds: [0.5, 0],
    daemonWakeUps: [20, 0],
    rssBytes: 7,
    packets: 9,
  })
  t.deepEqual(costBetween(before, after, free, window).cpuSeconds, [1.5])
})
