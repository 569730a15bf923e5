import test from 'ava'
import { publishedPortProblem } from '../../../src/net/published-port.js'

for (const text of [
  '80:80',
  '1:65535',
  '80:80/udp',
  '127.0.0.1:80:80',
  '[::1]:80:80/sctp',
  '8000-8010:80-90/tcp',
]) {
  test(`${text} can be published`, (t) => {
    t.is(publishedPortProblem(text), null)
  })
}

const form = 'Expected [ip:]host:container[/tcp|udp|sctp], as in 8080:80.'

for (const [text, problem] of [
  ['', form],
  ['80', form],
  ['80:', form],
  ['80:x', form],
  ['80:80/icmp', form],
  ['::1:80:80', form],
  ['host:80:80', 'host is not an address.'],
  ['80:0', '0 is not a port or a range of ports from 1 to 65535.'],
  ['65536:1', '65536 is not a port or a range of ports from 1 to 65535.'],
  ['9-8:1-2', '9-8 is not a port or a range of ports from 1 to 65535.'],
  ['1-3:4-5', 'The ranges 1-3 and 4-5 differ in length.'],
] as const) {
  test(`"${text}" cannot be published: ${problem}`, (t) => {
    t.is(publishedPortProblem(text), problem)
  })
}
