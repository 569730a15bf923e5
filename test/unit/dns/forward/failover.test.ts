import test from 'ava'
import { a, Bench, foreign } from './fixtures.js'

const two = ['192.0.2.1', '192.0.2.2'] as const

test('the first server is asked, and its answer comes back', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  bench.upstreams.latest.answer({ answers: [a('203.0.113.1')] })
  const answer = await asked
  t.is(answer.result, 'forwarded')
  t.is(answer.id, 4711)
  t.like(answer.answers?.[0], { data: '203.0.113.1', ttl: 60 })
  t.deepEqual(bench.upstreams.asked, ['192.0.2.1'])
})

for (const { name, rcode } of [
  { name: 'SERVFAIL', rcode: 2 },
  { name: 'REFUSED', rcode: 5 },
]) {
  test(`${name} sends the question to the next at once`, async (t) => {
    const bench = new Bench(...two)
    const asked = bench.ask()
    bench.upstreams.latest.answer({ rcode })
    await bench.settle()
    t.deepEqual(bench.upstreams.asked, [...two])
    bench.upstreams.latest.answer({ answers: [a('203.0.113.2')] })
    t.like((await asked).answers?.[0], { data: '203.0.113.2' })
  })
}

test('a server that cannot be reached is passed over at once', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  bench.upstreams.latest.fail('connect ECONNREFUSED')
  await bench.settle()
  bench.upstreams.latest.answer({ rcode: 3 })
  t.is((await asked).rcode, 'NXDOMAIN')
  t.like(bench.forwarder.upstreams()[0], {
    failures: 1,
    problem: 'connect ECONNREFUSED',
  })
})

test('after a second the next is asked beside the first, which may yet answer', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  await bench.advance(999)
  t.deepEqual(bench.upstreams.asked, ['192.0.2.1'])
  await bench.advance(1)
  t.deepEqual(bench.upstreams.asked, [...two])
  const [first, second] = bench.upstreams.exchanges
  first?.answer({ answers: [a('203.0.113.1')] })
  t.like((await asked).answers?.[0], { data: '203.0.113.1' })
  await second?.ended
})

test('who failed is not asked again while another may answer', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  await bench.advance(1000)
  bench.upstreams.exchanges[1]?.answer({ rcode: 2 })
  await bench.advance(1000)
  t.deepEqual(bench.upstreams.asked, ['192.0.2.1', '192.0.2.2', '192.0.2.1'])
  bench.upstreams.latest.answer({ answers: [a('203.0.113.1')] })
  t.is((await asked).rcode, 'NOERROR')
})

test('a lost question is sent again', async (t) => {
  const bench = new Bench('192.0.2.1')
  const asked = bench.ask()
  await bench.advance(1000)
  t.is(bench.upstreams.asked.length, 2)
  bench.upstreams.latest.answer()
  t.is((await asked).rcode, 'NOERROR')
})

test('when all fail the answer is SERVFAIL, at once', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  bench.upstreams.latest.answer({ rcode: 5 })
  await bench.settle()
  bench.upstreams.latest.fail('connect ENETUNREACH')
  const answer = await asked
  t.like(answer, { result: 'failed', rcode: 'SERVFAIL', id: 4711 })
  t.is(bench.forwarder.waiting, 0)
})

test('after four seconds of silence the answer is SERVFAIL', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  await bench.advance(3999)
  t.is(bench.forwarder.waiting, 1)
  await bench.advance(1)
  t.is((await asked).rcode, 'SERVFAIL')
  await Promise.all(bench.upstreams.exchanges.map(({ ended }) => ended))
  t.is(bench.forwarder.waiting, 0)
})

test('without servers the answer is SERVFAIL', async (t) => {
  const bench = new Bench()
  t.like(await bench.ask(), { result: 'failed', rcode: 'SERVFAIL' })
})

test('a silent server comes last, but for a question every ten seconds', async (t) => {
  const bench = new Bench(...two)
  bench.upstreams.rule = (exchange) => {
    if (exchange.address === '192.0.2.2') exchange.answer({ rcode: 3 })
  }
  const first = async () => {
    const before = bench.upstreams.asked.length
    const asked = bench.ask(foreign({ name: `n${before}.example.com` }))
    await bench.advance(1000)
    await asked
    return bench.upstreams.asked[before]
  }
  t.deepEqual(
    [await first(), await first(), await first()],
    ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
  )
  t.deepEqual(
    bench.forwarder.upstreams().map(({ state }) => state),
    ['down', 'up'],
  )
  t.is(await first(), '192.0.2.2')
  await bench.advance(10_000)
  t.is(await first(), '192.0.2.1')
  t.is(await first(), '192.0.2.2')

  await bench.advance(10_000)
  bench.upstreams.rule = (exchange) => {
    exchange.answer({ rcode: 3 })
  }
  t.is(await first(), '192.0.2.1')
  t.is(await first(), '192.0.2.1')
  t.like(bench.forwarder.upstreams()[0], { state: 'up', problem: '' })
})

test('what is under way when the daemon stops is answered SERVFAIL', async (t) => {
  const bench = new Bench(...two)
  const asked = bench.ask()
  bench.forwarder.stop()
  t.is((await asked).rcode, 'SERVFAIL')
  await bench.upstreams.latest.ended
})
