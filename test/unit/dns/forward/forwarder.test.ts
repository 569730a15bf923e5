import test from 'ava'
import { decode, encode } from 'dns-packet'
import type { Answer } from 'dns-packet'
import { answerTo } from '../../../support/fake-upstreams.js'
import { a, Bench, edns, foreign, soa } from './fixtures.js'

const server = '192.0.2.1'

test('an answer with another id or question is passed over', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  const { exchange } = bench.upstreams.latest
  const honest = answerTo(exchange.message, { answers: [a('203.0.113.1')] })
  const forged = [
    answerTo(exchange.message, {
      id: (decode(Buffer.from(exchange.message)).id ?? 0) ^ 1,
    }),
    answerTo(exchange.message, {
      questions: [{ type: 'A', name: 'example.net' }],
    }),
    answerTo(exchange.message, {
      questions: [{ type: 'AAAA', name: 'example.com' }],
    }),
    encode({ ...decode(Buffer.from(honest)), type: 'query' }),
    honest.subarray(0, 11),
    new Uint8Array(),
  ]
  for (const bytes of forged) t.false(exchange.accepts(bytes))
  for (const bytes of forged) bench.upstreams.latest.send(bytes)
  await bench.settle()
  t.is(bench.forwarder.waiting, 1)
  bench.upstreams.latest.send(honest)
  t.like((await asked).answers?.[0], { data: '203.0.113.1' })
})

test('ids are drawn anew for each question', (t) => {
  const bench = new Bench(server)
  const ids = new Set<number | undefined>()
  for (let i = 0; i < 40; i++) {
    void bench.ask(foreign({ name: `n${i}.example.com` }))
    ids.add(decode(Buffer.from(bench.upstreams.latest.exchange.message)).id)
  }
  t.true(ids.size > 30)
  t.false(ids.has(4711) && ids.size === 1)
})

test('the asker’s spelling comes back, and any case is accepted', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask(foreign({ name: 'ExAmple.com' }))
  bench.upstreams.latest.answer({
    questions: [{ type: 'A', name: 'example.COM' }],
    answers: [a('203.0.113.1')],
  })
  t.is((await asked).questions?.[0]?.name, 'ExAmple.com')

  const again = await bench.ask(foreign({ name: 'EXAMPLE.com' }))
  t.is(again.result, 'cached')
  t.is(again.questions?.[0]?.name, 'EXAMPLE.com')
})

test('unknown types and the bits of DNSSEC pass both ways', async (t) => {
  const bench = new Bench(server)
  const flags = 0x0130
  const opt = edns({ flags: 0x8000, flag_do: true })
  const asked = bench.ask(
    foreign({ qtype: 'UNKNOWN_65', flags, additionals: [opt] }),
  )
  const sent = decode(Buffer.from(bench.upstreams.latest.exchange.message))
  t.like(sent, { flag_rd: true, flag_ad: true, flag_cd: true })
  t.like(sent.additionals?.[0], {
    type: 'OPT',
    udpPayloadSize: 1232,
    flag_do: true,
  })
  const data = Buffer.from('c0ffee00', 'hex')
  const unknown = {
    ...{ type: 'UNKNOWN_65280', name: 'example.com', ttl: 9, data },
  } as unknown as Answer
  bench.upstreams.latest.answer({
    flags: 0x0420,
    answers: [unknown],
    additionals: [opt],
  })
  const answer = await asked
  t.like(answer, { flag_ad: true, flag_aa: true, rcode: 'NOERROR' })
  t.deepEqual((answer.answers?.[0] as { data?: unknown }).data, data)
  t.like(answer.additionals?.[0], { udpPayloadSize: 1232, flag_do: true })
})

test('options of EDNS end here: a cookie is between neighbours', (t) => {
  const bench = new Bench(server)
  const cookie = { code: 10, data: Buffer.from('0102030405060708', 'hex') }
  void bench.ask(foreign({ additionals: [edns({ options: [cookie] })] }))
  const { message } = bench.upstreams.latest.exchange
  const [opt] = decode(Buffer.from(message)).additionals ?? []
  t.deepEqual((opt as { options?: unknown }).options, [])
})

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => a(`203.0.113.${index}`))

for (const { description, additionals, limit } of [
  { description: '512 bytes without EDNS', additionals: [], limit: 512 },
  {
    description: 'what the asker can take',
    additionals: [edns({ udpPayloadSize: 700 })],
    limit: 700,
  },
  { description: '1232 bytes at most', additionals: [edns()], limit: 1232 },
]) {
  test(`an answer that is too long is cut: ${description}`, async (t) => {
    const bench = new Bench(server)
    const asked = bench.ask(foreign({ additionals }))
    bench.upstreams.latest.answer({ answers: many(90), additionals })
    const answer = await asked
    t.true(answer.flag_tc)
    t.true(answer.length <= limit)
    t.true(answer.length > limit - 40)
    t.is(answer.additionals?.length, additionals.length)
  })
}

test('what goes beside an answer is left out without a word', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  bench.upstreams.latest.answer({ answers: many(3), additionals: many(60) })
  const answer = await asked
  t.false(answer.flag_tc)
  t.is(answer.answers?.length, 3)
  t.true(answer.length <= 512)
})

test('a cut answer is asked for again over TCP, if the asker came by TCP', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask(foreign({ transport: 'tcp' }))
  bench.upstreams.latest.answer({ flags: 0x0200 })
  await bench.settle()
  t.is(bench.upstreams.latest.exchange.transport, 'tcp')
  bench.upstreams.latest.answer({ answers: many(90) })
  const answer = await asked
  t.false(answer.flag_tc)
  t.is(answer.answers?.length, 90)
})

test('over UDP a cut answer is passed on, and not kept', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  bench.upstreams.latest.answer({ flags: 0x0200, answers: many(3) })
  t.true((await asked).flag_tc)
  t.deepEqual(bench.upstreams.asked, [server])
  t.is(bench.forwarder.cached, 0)
})

test('one cut in the middle of a record, too', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  const { message } = bench.upstreams.latest.exchange
  const whole = answerTo(message, { flags: 0x0200, answers: many(3) })
  bench.upstreams.latest.send(whole.subarray(0, -5))
  const answer = await asked
  t.true(answer.flag_tc)
  t.deepEqual(answer.answers, [])
})

test('a server without EDNS that cuts at 512 is asked over TCP', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask(foreign({ additionals: [edns()] }))
  bench.upstreams.latest.answer({ flags: 0x0200 })
  await bench.settle()
  t.is(bench.upstreams.latest.exchange.transport, 'tcp')
  bench.upstreams.latest.answer({ answers: many(40) })
  t.is((await asked).answers?.length, 40)
})

test('an answer that does not hold together is SERVFAIL', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  const { message } = bench.upstreams.latest.exchange
  bench.upstreams.latest.send(
    answerTo(message, { answers: many(3) }).subarray(0, -5),
  )
  t.is((await asked).rcode, 'SERVFAIL')
  t.is(bench.forwarder.cached, 0)
})

test('equal questions under way are asked once, for whoever asks', async (t) => {
  const bench = new Bench(server)
  const all = [
    bench.ask(foreign({ id: 1 }), 'bbox1'),
    bench.ask(foreign({ id: 2, name: 'EXAMPLE.com' }), 'bbox2'),
    bench.ask(foreign({ id: 3 }), 'bbox1'),
  ]
  t.is(bench.upstreams.asked.length, 1)
  bench.upstreams.latest.answer({ answers: [a('203.0.113.1')] })
  const answers = await Promise.all(all)
  t.deepEqual(
    answers.map(({ id }) => id),
    [1, 2, 3],
  )
  void bench.ask(
    foreign({ additionals: [edns({ flags: 0x8000, flag_do: true })] }),
  )
  t.is(bench.upstreams.asked.length, 2)
})

test('a container has 64 questions under way, others are not held up', async (t) => {
  const bench = new Bench(server)
  const waiting = Array.from({ length: 64 }, (_, index) =>
    bench.ask(foreign({ name: `n${index}.example.com` }), 'flood'),
  )
  const refused = await bench.ask(
    foreign({ name: 'more.example.com' }),
    'flood',
  )
  t.like(refused, { result: 'refused', rcode: 'REFUSED', id: 4711 })

  const other = bench.ask(foreign({ name: 'other.example.com' }), 'bbox1')
  bench.upstreams.latest.answer()
  t.is((await other).result, 'forwarded')

  for (const exchange of bench.upstreams.exchanges) exchange.answer()
  await Promise.all(waiting)
  void bench.ask(foreign({ name: 'more.example.com' }), 'flood')
  t.is(bench.upstreams.latest.question, 'more.example.com A')
})

test('1024 questions are under way in all', async (t) => {
  const bench = new Bench(server)
  for (let index = 0; index < 1024; index++) {
    void bench.ask(foreign({ name: `n${index}.example.com` }), `c${index % 32}`)
  }
  t.is(bench.forwarder.waiting, 1024)
  const refused = await bench.ask(foreign({ name: 'more.example.com' }), 'new')
  t.is(refused.result, 'refused')
})

test('an answer is told again while it lives, counted down', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  bench.upstreams.latest.answer({
    flags: 0x0400,
    answers: [a('203.0.113.1', 60)],
    additionals: [a('203.0.113.9', 90)],
  })
  t.true((await asked).flag_aa)

  await bench.advance(59_900)
  const again = await bench.ask(foreign({ id: 9 }))
  t.like(again, { result: 'cached', id: 9, flag_aa: false })
  t.like(again.answers?.[0], { data: '203.0.113.1', ttl: 1 })
  t.like(again.additionals?.[0], { ttl: 31 })

  await bench.advance(100)
  void bench.ask()
  t.is(bench.upstreams.asked.length, 2)
})

for (const { description, packet, seconds } of [
  {
    description: 'NXDOMAIN for the SOA’s minimum',
    packet: { rcode: 3, authorities: [soa(900, 30)] },
    seconds: 30,
  },
  {
    description: 'NXDOMAIN no longer than the SOA itself',
    packet: { rcode: 3, authorities: [soa(20, 900)] },
    seconds: 20,
  },
  {
    description: 'NODATA',
    packet: { authorities: [soa(900, 40)] },
    seconds: 40,
  },
  {
    description: 'an hour of NXDOMAIN at most',
    packet: { rcode: 3, authorities: [soa(90_000, 90_000)] },
    seconds: 3600,
  },
  {
    description: 'a day at most',
    packet: { answers: [a('203.0.113.1', 999_999)] },
    seconds: 86_400,
  },
  {
    description: 'NXDOMAIN without SOA not at all',
    packet: { rcode: 3 },
    seconds: 0,
  },
  {
    description: 'a lifetime of 0 not at all',
    packet: { answers: [a('203.0.113.1', 0)] },
    seconds: 0,
  },
  {
    description: 'a lifetime with the highest bit not at all',
    packet: { answers: [a('203.0.113.1', 0x80000001)] },
    seconds: 0,
  },
  { description: 'NOTIMP not at all', packet: { rcode: 4 }, seconds: 0 },
]) {
  test(`kept: ${description}`, async (t) => {
    const bench = new Bench(server)
    const asked = bench.ask()
    bench.upstreams.latest.answer(packet)
    const first = await asked
    if (seconds > 0) {
      await bench.advance(seconds * 1000 - 1)
      t.like(await bench.ask(), { result: 'cached', rcode: first.rcode })
      await bench.advance(1)
    }
    void bench.ask()
    t.is(bench.upstreams.asked.length, 2)
  })
}

test('who speaks no EDNS gets no answer kept for one who does', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask(foreign({ additionals: [edns()] }))
  bench.upstreams.latest.answer({
    answers: [a('203.0.113.1')],
    additionals: [edns()],
  })
  await asked
  void bench.ask(foreign())
  t.is(bench.upstreams.asked.length, 2)
})

test('flushed, or asked of other servers, nothing is kept', async (t) => {
  const bench = new Bench(server)
  const answered = async () => {
    const asked = bench.ask()
    bench.upstreams.latest.answer({ answers: [a('203.0.113.1')] })
    return (await asked).result
  }
  await answered()
  t.is(bench.forwarder.flush(), 1)
  t.is(await answered(), 'forwarded')
  bench.servers = [{ address: '192.0.2.9', port: 53 }]
  bench.forwarder.serversChanged()
  t.is(await answered(), 'forwarded')
  t.is(bench.upstreams.latest.address, '192.0.2.9')
})

test('an answer of a server that was replaced meanwhile is not kept', async (t) => {
  const bench = new Bench(server)
  const asked = bench.ask()
  const { latest } = bench.upstreams
  bench.forwarder.serversChanged()
  latest.answer({ answers: [a('203.0.113.1')] })
  t.is((await asked).result, 'forwarded')
  t.is(bench.forwarder.cached, 0)
})
