import test from 'ava'
import { parsePublishedPort } from '../../../../src/net/published-port.js'
import { StaleFlows } from '../../../../src/node/gateway/stale-flows.js'
import type { GatewayState } from '../../../../src/node/gateway/state.js'
import { FakeSystem } from '../../../support/fake-system.js'
import { RecordingLogger } from '../../../support/recording-logger.js'

const host = '192.168.56.130'
const client = { from: '192.168.56.1', fromPort: 4000 }

/** One container per list; the first has 172.18.0.2. */
function state(...publish: readonly (readonly string[])[]): GatewayState {
  return {
    bridge: 'overtap_gwbr',
    subnets: ['172.18.0.0/16'],
    gateways: ['172.18.0.1'],
    containers: publish.map((texts, index) => ({
      name: `bbox${index}`,
      mac: `02:42:ac:12:00:0${index + 2}`,
      addresses: [`172.18.0.${index + 2}`],
      publish: texts.map(parsePublishedPort),
    })),
  }
}

function fixture() {
  const system = new FakeSystem(host)
  const log = new RecordingLogger()
  const stale = new StaleFlows({ system, log })
  return { system, log, stale, flows: system.udpFlows }
}

test('a port that is published now', async (t) => {
  const { stale, flows } = fixture()
  const wrong = { ...client, to: host, port: 53, answerer: host }
  const right = { ...wrong, fromPort: 4001, answerer: '172.18.0.2' }
  const passing = { ...client, to: '9.9.9.9', port: 53, answerer: '9.9.9.9' }
  const other = { ...client, to: host, port: 54, answerer: host }
  const local = { ...wrong, to: '127.0.0.1', answerer: '127.0.0.1' }
  flows.flows = [wrong, right, passing, other, local]
  await stale.follow(state(['53:53/udp']))
  t.deepEqual(flows.flows, [right, passing, other])
})

test('a port that is another container’s now, and one that is nobody’s', async (t) => {
  const { stale, flows } = fixture()
  await stale.follow(state(['53:53/udp', '54:54/udp'], []))
  const first = { ...client, to: host, port: 53, answerer: '172.18.0.2' }
  flows.flows = [first, { ...first, port: 54 }]
  await stale.follow(state([], ['53:53/udp']))
  t.deepEqual(flows.flows, [])
})

test('what did not change is left alone', async (t) => {
  const { stale, flows } = fixture()
  await stale.follow(state(['53:53/udp', '80:80/tcp']))
  flows.flows = [{ ...client, to: host, port: 53, answerer: host }]
  await stale.follow(state(['53:53/udp']))
  t.is(flows.flows.length, 1)
})

test('a port of one address of the host', async (t) => {
  const { stale, flows } = fixture()
  const wrong = { ...client, to: host, port: 53, answerer: host }
  flows.flows = [wrong, { ...wrong, to: '127.0.0.1', answerer: '127.0.0.1' }]
  await stale.follow(state([`${host}:53:53/udp`]))
  t.deepEqual(
    flows.flows.map(({ to }) => to),
    ['127.0.0.1'],
  )
})

test('without conntrack it is said once', async (t) => {
  const { stale, flows, log } = fixture()
  flows.refusal = new Error('spawn conntrack ENOENT')
  await stale.follow(state(['53:53/udp']))
  await stale.follow(state(['54:53/udp']))
  t.is(log.messages('warn').length, 1)
})
