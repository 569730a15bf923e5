import test from 'ava'
import fc from 'fast-check'
import {
  isDefinite,
  parsePublishedPort,
  parsePublishRequest,
  publishedPortProblem,
  publishText,
} from '../../../src/net/published-port.js'
import type { PublishRequest } from '../../../src/net/published-port.js'

const range = (first: number, last = first) => ({ first, last })

const tcp = { protocol: 'tcp' } as const

for (const [text, meaning] of [
  ['80:80', { hostPorts: range(80), containerPorts: range(80), ...tcp }],
  ['1:65535', { hostPorts: range(1), containerPorts: range(65535), ...tcp }],
  [
    '80:81/udp',
    { hostPorts: range(80), containerPorts: range(81), protocol: 'udp' },
  ],
  [
    '127.0.0.1:80:81',
    {
      ip: '127.0.0.1',
      hostPorts: range(80),
      containerPorts: range(81),
      ...tcp,
    },
  ],
  [
    '[FD00:0::1]:80:81/sctp',
    {
      ip: 'fd00::1',
      hostPorts: range(80),
      containerPorts: range(81),
      protocol: 'sctp',
    },
  ],
  [
    '8000-8010:80-90/tcp',
    { hostPorts: range(8000, 8010), containerPorts: range(80, 90), ...tcp },
  ],
] as const) {
  test(`${text} says which ports of the host`, (t) => {
    t.is(publishedPortProblem(text), null)
    t.deepEqual<PublishRequest, PublishRequest>(
      parsePublishedPort(text),
      meaning,
    )
  })
}

for (const [text, meaning] of [
  ['80', { containerPorts: range(80), ...tcp }],
  ['80-82/udp', { containerPorts: range(80, 82), protocol: 'udp' }],
  ['127.0.0.1::80', { ip: '127.0.0.1', containerPorts: range(80), ...tcp }],
  ['[::1]::80', { ip: '::1', containerPorts: range(80), ...tcp }],
  [
    '8000-8010:80',
    { hostPorts: range(8000, 8010), containerPorts: range(80), ...tcp },
  ],
] as const) {
  test(`${text} leaves the port of the host open`, (t) => {
    t.is(publishedPortProblem(text), null)
    t.deepEqual<PublishRequest, PublishRequest>(
      parsePublishRequest(text),
      meaning,
    )
    t.false(isDefinite(parsePublishRequest(text)))
    t.throws(() => parsePublishedPort(text), { instanceOf: TypeError })
  })
}

const form = 'Expected [[ip:][host]:]container[/tcp|udp|sctp], as in 8080:80.'

for (const [text, problem] of [
  ['', form],
  ['80:', form],
  ['80:x', form],
  ['80:80/icmp', form],
  ['::1:80:80', form],
  ['[::1]:80', form],
  ['localhost:80', form],
  ['host:80:80', 'host is not an address.'],
  ['80:0', '0 is not a port or a range of ports from 1 to 65535.'],
  ['0', '0 is not a port or a range of ports from 1 to 65535.'],
  ['65536:1', '65536 is not a port or a range of ports from 1 to 65535.'],
  ['9-8:1-2', '9-8 is not a port or a range of ports from 1 to 65535.'],
  ['1-3:4-5', 'The ranges 1-3 and 4-5 differ in length.'],
  ['1:4-5', 'The ranges 1 and 4-5 differ in length.'],
] as const) {
  test(`"${text}" cannot be published: ${problem}`, (t) => {
    t.is(publishedPortProblem(text), problem)
    t.throws(() => parsePublishRequest(text), { instanceOf: TypeError })
  })
}

test('what is read is written the same', (t) => {
  const port = fc.integer({ min: 1, max: 65000 })
  const size = fc.integer({ min: 0, max: 500 })
  const requests = fc.record(
    {
      ip: fc.constantFrom('10.0.0.1', '0.0.0.0', '::', 'fd00::1'),
      host: port,
      container: port,
      size,
      protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    },
    { requiredKeys: ['container', 'size', 'protocol'] },
  )
  fc.assert(
    fc.property(requests, ({ ip, host, container, size, protocol }) => {
      const request: PublishRequest = {
        ...(ip !== undefined && { ip }),
        ...(host !== undefined && { hostPorts: range(host, host + size) }),
        containerPorts: range(container, container + size),
        protocol,
      }
      t.deepEqual(parsePublishRequest(publishText(request)), request)
    }),
  )
})
