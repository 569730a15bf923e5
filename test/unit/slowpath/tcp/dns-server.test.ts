import test from 'ava'
import fc from 'fast-check'
import { viewOf } from '../../../../src/codec/bytes.js'
import {
  DnsServer,
  IDLE_MS,
  MAX_CONNECTIONS,
  MAX_PER_CLIENT,
} from '../../../../src/slowpath/tcp/dns-server.js'
import type { Segment } from '../../../../src/slowpath/tcp/connection.js'
import {
  MAX_QUERY,
  withLength,
} from '../../../../src/slowpath/tcp/message-reader.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { TcpClient } from '../../../support/tcp-client.js'

/** What becomes of a segment on its way. */
type Fate = 'arrives' | 'is lost' | 'comes twice' | 'comes late'

/** A segment is made into a "frame" and back by its place in a list. */
class Wire {
  readonly clock = new FakeClock()
  readonly segments: Segment[] = []
  readonly clients = new Map<string, TcpClient>()
  /** Told by the server when nobody asked. */
  readonly late: { peer: string; segment: Segment }[] = []
  answer: (message: Uint8Array) => Uint8Array | Promise<Uint8Array> = (text) =>
    text.slice().reverse()
  readonly server = new DnsServer<string>({
    clock: this.clock,
    answer: (message) => this.answer(message),
    send: (peer, frames) => {
      for (const frame of frames) {
        this.late.push({ peer, segment: this.#segmentOf(frame) })
      }
    },
    random: () => 0xffff_ff00,
  })

  /** What the server says to a segment. */
  deliver(peer: string, segment: Segment, id = 'port 1'): Segment[] {
    const decision = {
      kind: 'tcp' as const,
      peer,
      segment,
      frameOf: (answer: Segment) => this.#frameOf(answer),
    }
    const frames = this.server.receive(id, peer, decision)
    return frames.map((frame) => this.#segmentOf(frame))
  }

  /** Has a client talk until nothing is said any more. */
  async converse(client: TcpClient, peer = 'a', fates: Fate[] = []) {
    await this.exchange(client, client.tick(), peer, fates)
  }

  async exchange(
    client: TcpClient,
    first: Segment[],
    peer: string,
    fates: Fate[] = [],
  ): Promise<void> {
    let up = first
    for (;;) {
      const answers = travel(up, fates).flatMap((segment) =>
        this.deliver(peer, segment),
      )
      // Answers that come later do so in a later turn.
      await new Promise((resolve) => setImmediate(resolve))
      const down = [...answers, ...this.#lateFor(peer)]
      if (down.length === 0) return
      up = travel(down, fates).flatMap((segment) => client.receive(segment))
    }
  }

  #lateFor(peer: string): Segment[] {
    const all = this.late.splice(0)
    this.late.push(...all.filter((one) => one.peer !== peer))
    return all.filter((one) => one.peer === peer).map(({ segment }) => segment)
  }

  #frameOf(segment: Segment): Uint8Array {
    const at = this.segments.push(segment) - 1
    return Uint8Array.of(at >> 8, at)
  }

  #segmentOf(frame: Uint8Array): Segment {
    const segment = this.segments[viewOf(frame).getUint16(0)]
    if (segment === undefined) throw new Error('no such frame')
    return segment
  }
}

function travel(segments: readonly Segment[], fates: Fate[]): Segment[] {
  const arrived: Segment[] = []
  const late: Segment[] = []
  for (const segment of segments) {
    const fate = fates.shift() ?? 'arrives'
    if (fate === 'comes late') late.push(segment)
    else if (fate === 'comes twice') arrived.push(segment, segment)
    else if (fate === 'arrives') arrived.push(segment)
  }
  return [...arrived, ...late]
}

/** The messages in a stream. */
function messagesOf(stream: Uint8Array): string[] {
  const texts: string[] = []
  for (let at = 0; at + 2 <= stream.length;) {
    const end = at + 2 + viewOf(stream).getUint16(at)
    texts.push(Buffer.from(stream.subarray(at + 2, end)).toString())
    at = end
  }
  return texts
}

const query = (text: string) => withLength(Buffer.from(text))

test('questions on one connection are answered, one after the other', async (t) => {
  const wire = new Wire()
  const client = new TcpClient(1410)
  client.send(query('abc'))
  client.send(query('def'))
  await wire.converse(client)
  t.deepEqual(messagesOf(client.received), ['cba', 'fed'])

  client.send(query('ghi'))
  client.close()
  await wire.converse(client)
  t.deepEqual(messagesOf(client.received), ['cba', 'fed', 'ihg'])
  t.true(client.isFinished)
  t.is(wire.server.size, 0)
})

test('an answer that comes later goes out when it comes', async (t) => {
  const wire = new Wire()
  const tell: ((text: string) => void)[] = []
  wire.answer = () =>
    new Promise((resolve) =>
      tell.push((text) => {
        resolve(Buffer.from(text))
      }),
    )
  const client = new TcpClient(1410)
  client.send(query('one'))
  client.send(query('two'))
  client.close()
  await wire.converse(client)
  t.is(client.received.length, 0)
  t.false(client.isFinished, 'it waits for the answers')

  tell[1]?.('second')
  tell[0]?.('first')
  await wire.converse(client)
  t.deepEqual(messagesOf(client.received), ['second', 'first'])
  t.true(client.isFinished)
})

const anyFate = fc.constantFrom<Fate>(
  ...(['arrives', 'arrives', 'is lost', 'comes twice', 'comes late'] as const),
)

/** Of three in a row one arrives: who never hears anything gives up. */
function bearable(fates: readonly Fate[]): Fate[] {
  return fates.map((fate, at) =>
    at % 3 === 2 && fate === 'is lost' ? 'arrives' : fate,
  )
}

/** No two bytes that are near each other are the same. */
function text(length: number, number: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, at) => 33 + ((at + number) % 89)),
  )
}

test('whatever happens on the way, all is answered once and in order', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3000 }), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.array(anyFate, { maxLength: 60, size: 'max' }),
      fc.integer({ min: 536, max: 9000 }),
      fc.boolean(),
      async (lengths, fates, mss, isLate) => {
        const wire = new Wire()
        wire.answer = isLate
          ? (text) => Promise.resolve(text.slice())
          : (text) => text.slice()
        const client = new TcpClient(mss)
        const asked = lengths.map((length, one) => text(length, one))
        const way = bearable(fates)
        for (let round = 0; round < 60 && !client.isFinished; round++) {
          const next = asked[round]
          if (next === undefined) client.close()
          else client.send(withLength(next))
          await wire.converse(client, 'a', way)
          wire.clock.advance(100)
        }
        t.false(client.isReset)
        t.deepEqual(messagesOf(client.received), asked.map(String))
        t.true(client.isFinished)
        for (let round = 0; round < 300; round++) wire.clock.advance(100)
        t.is(wire.server.size, 0)
      },
    ),
    { numRuns: 100 },
  )
})

test('of a segment that is known in part the rest is taken', async (t) => {
  const wire = new Wire()
  const client = new TcpClient(1410)
  await wire.converse(client)
  client.send(query('abc').subarray(0, 3))
  for (const segment of client.tick()) wire.deliver('a', segment)
  client.send(query('abc').subarray(3))
  await wire.converse(client)
  t.deepEqual(messagesOf(client.received), ['cba'])
})

test('nothing is sent beyond the window, and a closed one is tried', async (t) => {
  const wire = new Wire()
  wire.answer = () => new Uint8Array(5000)
  const client = new TcpClient(1000)
  client.window = 1500
  client.send(query('x'))
  await wire.converse(client)
  t.is(client.received.length, 5002, 'each acknowledgement makes room')

  client.window = 0
  client.send(query('x'))
  await wire.converse(client)
  t.is(client.received.length, 5002)
  client.window = 65_535
  wire.clock.advance(300)
  await wire.exchange(client, [], 'a')
  t.is(client.received.length, 10_004)
})

test('a client that takes nothing is cut off in the end', async (t) => {
  const wire = new Wire()
  wire.answer = () => new Uint8Array(60_000)
  const client = new TcpClient(1000)
  client.window = 0
  for (const text of ['a', 'b', 'c']) client.send(query(text))
  await wire.converse(client)
  t.true(client.isReset, 'too much waits')
  t.is(wire.server.size, 0)
})

test('a silent connection is closed, and then forgotten', async (t) => {
  const wire = new Wire()
  const client = new TcpClient(1410)
  client.send(query('abc'))
  await wire.converse(client)
  wire.clock.advance(IDLE_MS - 1)
  t.deepEqual(wire.late, [])
  wire.clock.advance(1)
  t.like(wire.late[0]?.segment, { fin: true })

  await wire.exchange(client, [], 'a')
  t.true(client.isServerClosed)
  client.close()
  await wire.converse(client)
  t.true(client.isFinished)
  t.is(wire.server.size, 0)
})

test('who disappears is forgotten, also when he never answered', (t) => {
  const wire = new Wire()
  const [syn] = new TcpClient(1410).tick()
  if (syn === undefined) return t.fail()
  t.like(wire.deliver('a', syn), [{ syn: true, ack: true }])
  t.like(wire.deliver('a', syn), [{ syn: true, ack: true }], 'asked again')
  wire.clock.advance(300)
  t.like(wire.late, [{ segment: { syn: true, ack: true } }])
  wire.clock.advance(30_000)
  t.is(wire.server.size, 0)
  t.like(wire.late.at(-1)?.segment, { rst: true })
})

test('a reset ends it, one from nowhere does not', async (t) => {
  const wire = new Wire()
  const client = new TcpClient(1410)
  client.send(query('abc'))
  await wire.converse(client)
  client.send(query('x'))
  const [segment] = client.tick()
  if (segment === undefined) return t.fail()
  const reset = { ...segment, rst: true, ack: false, payload: new Uint8Array() }
  wire.deliver('a', { ...reset, sequence: segment.sequence - 1 })
  t.is(wire.server.size, 1)
  t.deepEqual(wire.deliver('a', reset), [])
  t.is(wire.server.size, 0)
  t.like(wire.deliver('a', segment), [{ rst: true }], 'it is gone')
  t.deepEqual(wire.deliver('a', reset), [])
})

test('a new connection from where an old one was is told so', async (t) => {
  const wire = new Wire()
  const before = new TcpClient(1410)
  await wire.converse(before)
  const [syn] = new TcpClient(1410, 77).tick()
  if (syn === undefined) return t.fail()
  const [challenge] = wire.deliver('a', syn)
  t.like(challenge, {
    ack: true,
    syn: false,
    rst: false,
    acknowledgement: 0xffff_fff1,
  })
  const sequence = challenge?.acknowledgement ?? 0
  wire.deliver('a', { ...syn, syn: false, rst: true, sequence })
  t.like(wire.deliver('a', syn), [{ syn: true, ack: true }])
})

test('a question that is too long ends the connection', async (t) => {
  const wire = new Wire()
  const client = new TcpClient(1410)
  client.send(Uint8Array.of((MAX_QUERY + 1) >> 8, MAX_QUERY + 1))
  await wire.converse(client)
  t.true(client.isReset)
  t.is(wire.server.size, 0)
})

test('the connection that was silent longest makes room for another', async (t) => {
  const wire = new Wire()
  const clients: TcpClient[] = []
  for (let one = 0; one <= MAX_PER_CLIENT; one++) {
    const client = new TcpClient(1410)
    clients.push(client)
    await wire.converse(client, `peer ${one}`)
    if (one === MAX_PER_CLIENT - 1) await speak(wire, clients[0], 'peer 0')
  }
  t.is(wire.server.size, MAX_PER_CLIENT)
  t.true(clients[1]?.isReset === false)
  t.deepEqual(
    await Promise.all(
      clients.map(async (client, one) => {
        const [syn] = new TcpClient(1410).tick()
        if (syn === undefined) return []
        await speak(wire, client, `peer ${one}`)
        return messagesOf(client.received).length
      }),
    ),
    [2, 0, ...Array<number>(MAX_PER_CLIENT - 1).fill(1)],
  )
})

test('there is a limit for all together', (t) => {
  const wire = new Wire()
  const [syn] = new TcpClient(1410).tick()
  if (syn === undefined) return t.fail()
  for (let one = 0; one < MAX_CONNECTIONS + 10; one++) {
    wire.deliver('a', syn, `port ${one}`)
  }
  t.is(wire.server.size, MAX_CONNECTIONS)
})

test('stopped, it cuts off and says nothing any more', async (t) => {
  const wire = new Wire()
  const client = new TcpClient(1410)
  wire.answer = (text) => Promise.resolve(text.slice())
  await wire.converse(client)
  client.send(query('abc'))
  for (const segment of client.tick()) wire.deliver('a', segment)
  wire.server.stop()
  t.like(wire.late.at(-1)?.segment, { rst: true })
  const said = wire.late.length
  await new Promise((resolve) => setImmediate(resolve))
  wire.clock.advance(60_000)
  t.is(wire.late.length, said)
  t.is(wire.server.size, 0)
  for (const segment of client.tick()) {
    t.deepEqual(wire.deliver('a', segment), [])
  }
})

const anySegment = fc.record({
  sequence: fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.integer({ min: 90, max: 140 }),
  ),
  acknowledgement: fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.integer({ min: 0xffff_ff00, max: 0xffff_ff40 }),
  ),
  syn: fc.boolean(),
  ack: fc.boolean(),
  fin: fc.boolean(),
  rst: fc.boolean(),
  window: fc.integer({ min: 0, max: 0xffff }),
  mss: fc.integer({ min: 0, max: 0xffff }),
  payload: fc.uint8Array({ maxLength: 20 }),
})

test('no segments, in any order, make it throw or go on for ever', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anySegment, fc.nat({ max: 2000 })), { maxLength: 60 }),
      (segments) => {
        const wire = new Wire()
        for (const [segment, pause] of segments) {
          const said = wire.deliver('a', segment)
          t.true(said.length < 20)
          wire.clock.advance(pause)
        }
        wire.clock.advance(60_000)
        t.is(wire.server.size, 0)
      },
    ),
    { numRuns: 300 },
  )
})

async function speak(wire: Wire, client: TcpClient | undefined, peer: string) {
  client?.send(query('abc'))
  if (client !== undefined) await wire.converse(client, peer)
}
