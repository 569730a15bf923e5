import test from 'ava'
import { HostChecks } from '../../../../src/node/gateway/host-checks.js'
import type { GatewayContainer } from '../../../../src/node/gateway/state.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { FakeSystem } from '../../../support/fake-system.js'
import { RecordingLogger } from '../../../support/recording-logger.js'

const bbox1: GatewayContainer = {
  name: 'bbox1',
  mac: '02:42:ac:12:00:02',
  addresses: ['172.18.0.2'],
  publish: [],
}

function fixture(containers: readonly GatewayContainer[] = [bbox1]) {
  const system = new FakeSystem('192.168.56.130')
  const log = new RecordingLogger()
  const checks = new HostChecks(
    { system, log, clock: new FakeClock() },
    () => ({
      bridge: 'overtap_gwbr',
      subnets: ['172.18.0.0/16'],
      gateways: ['172.18.0.1'],
      containers,
    }),
  )
  const forward = (value: string) =>
    system.sysctls.set('net.ipv4.ip_forward', value)
  return { system, log, checks, forward }
}

const closed = 'net.ipv4.ip_forward is 0'

test('what comes and goes is told once', async (t) => {
  const { checks, forward, log } = fixture()
  for (const value of ['0', '0', '1']) {
    await forward(value)
    await checks.findings(0)
    // The clock of this test stands still.
    await checks.findings(-1)
  }
  t.is(log.messages('warn').length, 1)
  t.true(log.messages('warn')[0]?.startsWith(closed))
  t.is(log.messages('info').length, 1)
  t.true(log.messages('info')[0]?.startsWith(`no longer so: ${closed}`))
})

test('a young answer is as good as a new one', async (t) => {
  const { checks, forward } = fixture()
  await forward('1')
  t.deepEqual(await checks.findings(-1), [])
  await forward('0')
  t.deepEqual(await checks.findings(1000), [])
  t.is((await checks.findings(-1)).length, 1)
})

test('without containers nothing is in the way', async (t) => {
  const { checks, forward } = fixture([])
  await forward('0')
  t.deepEqual(await checks.findings(-1), [])
})

test('rules that cannot be read are no reason to fail', async (t) => {
  const { checks, system, log } = fixture()
  system.firewall.forwarding = () => Promise.reject(new Error('no'))
  t.deepEqual(await checks.findings(-1), [])
  t.is(log.messages('warn').length, 1)
})
