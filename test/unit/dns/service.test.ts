import test from 'ava'
import { decode, encode } from 'dns-packet'
import type { Answer, Packet, Question } from 'dns-packet'
import { resolve } from '../../../src/dns/resolver.js'
import { Zone } from '../../../src/dns/zone.js'
import { member, network } from './fixtures.js'

const zone = new Zone(network)
zone.put({
  ...member('web1', ['10.0.0.2/24', 'fd00::2/64'], ['web']),
  publish: ['8080:80', '9000-9002:7000-7002', '53:5353/udp', '[::1]:443:8443'],
})
zone.put({
  ...member('web2', ['10.0.0.3/24'], ['web']),
  publish: ['80:80/tcp'],
})
zone.put(member('shy', ['10.0.0.4/24']))

function ask(name: string, type: string, more: Packet = {}) {
  const questions = [{ name, type, class: 'IN' } as Question]
  const message = encode({ id: 7, questions, ...more })
  const resolution = resolve(message, [zone])
  if (resolution.kind !== 'answer') throw new Error(resolution.kind)
  const { rcode } = resolution
  return { ...decode(Buffer.from(resolution.message)), rcode }
}

/** `80 web1.ov_net1`, sorted. */
const services = ({ answers = [] }: Packet) =>
  answers
    .map((one) =>
      one.type === 'SRV' ? `${one.data.port} ${one.data.target}` : one.type,
    )
    .sort()

for (const { name, expected } of [
  { name: '_8080._tcp.web1', expected: ['80 web1.ov_net1'] },
  { name: '_8080._TCP.WEB1.ov_net1', expected: ['80 web1.ov_net1'] },
  { name: '_80._tcp.web', expected: ['80 web1.ov_net1', '80 web2.ov_net1'] },
  { name: '_9001._tcp.web1', expected: ['7001 web1.ov_net1'] },
  { name: '_7002._tcp.web1', expected: ['7002 web1.ov_net1'] },
  { name: '_53._udp.web1', expected: ['5353 web1.ov_net1'] },
  { name: '_443._tcp.web1', expected: ['8443 web1.ov_net1'] },
  { name: '_udp.web1', expected: ['5353 web1.ov_net1'] },
  {
    name: '_tcp.web1',
    expected: ['7000', '7001', '7002', '80', '8443'].map(
      (port) => `${port} web1.ov_net1`,
    ),
  },
]) {
  test(`ports are found: ${name}`, (t) => {
    const answer = ask(name, 'SRV')
    t.is(answer.rcode, 'NOERROR')
    t.deepEqual(services(answer), expected)
  })
}

test('the addresses behind a service come with it', (t) => {
  const { additionals = [] } = ask('_80._tcp.web', 'SRV')
  t.deepEqual(
    additionals
      .map((one) =>
        one.type === 'A' || one.type === 'AAAA'
          ? `${one.type} ${one.data}`
          : one.type,
      )
      .sort(),
    ['A 10.0.0.2', 'A 10.0.0.3', 'AAAA fd00::2'],
  )
})

for (const { name, type, rcode } of [
  { name: '_81._tcp.web1', type: 'SRV', rcode: 'NXDOMAIN' },
  { name: '_53._tcp.web1', type: 'SRV', rcode: 'NXDOMAIN' },
  { name: '_tcp.shy', type: 'SRV', rcode: 'NXDOMAIN' },
  { name: '_80._tcp.nobody.ov_net1', type: 'SRV', rcode: 'NXDOMAIN' },
  { name: '_80._tcp.web1', type: 'A', rcode: 'NOERROR' },
  { name: 'web1', type: 'SRV', rcode: 'NOERROR' },
]) {
  test(`there is nothing: ${name} ${type}`, (t) => {
    const answer = ask(name, type)
    t.is(answer.rcode, rcode as typeof answer.rcode)
    t.deepEqual(answer.answers, [])
  })
}

test('ports of a name that nobody here has are not ours', (t) => {
  const questions: Question[] = [{ name: '_sip._tcp.example.com', type: 'SRV' }]
  t.is(resolve(encode({ id: 7, questions }), [zone]).kind, 'not-ours')
})

for (const { name, type, apex } of [
  { name: 'web1', type: 'MX', apex: 'web1' },
  { name: 'web1.OV_NET1', type: 'MX', apex: 'OV_NET1' },
  { name: 'nobody.ov_net1', type: 'A', apex: 'ov_net1' },
  { name: '_81._tcp.web1.ov_net1', type: 'SRV', apex: 'ov_net1' },
  { name: '_81._tcp.web1', type: 'SRV', apex: 'web1' },
  { name: '99.0.0.10.in-addr.arpa', type: 'PTR', apex: 'in-addr.arpa' },
]) {
  test(`nothing is remembered for a second: ${name} ${type}`, (t) => {
    const { authorities = [] } = ask(name, type)
    const [soa] = authorities
    if (soa?.type !== 'SOA') return t.fail()
    t.like(soa, { name: apex, ttl: 1 })
    t.is(soa.data.minimum, 1)
  })
}

test('an answer has no authority, and comes without what does not fit', (t) => {
  t.deepEqual(ask('web1', 'A').authorities, [])
  const many = new Zone(network)
  const addresses = Array.from(
    { length: 60 },
    (_, one) => `10.0.0.${one + 2}/24`,
  )
  many.put({ ...member('many', addresses), publish: ['80:80'] })
  const questions: Question[] = [{ name: '_80._tcp.many', type: 'SRV' }]
  const resolution = resolve(encode({ id: 7, questions }), [many])
  if (resolution.kind !== 'answer') return t.fail()
  t.true(resolution.message.length <= 512)
  const packet = decode(Buffer.from(resolution.message))
  t.false(packet.flag_tc)
  t.is(packet.answers?.length, 1)
  const found: readonly Answer[] = packet.additionals ?? []
  t.true(found.length > 10 && found.length < 60)
})
