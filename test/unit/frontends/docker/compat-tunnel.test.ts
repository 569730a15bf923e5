import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { request as ask } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { CompatWorld, heard } from '../../../support/compat.js'

const rawStream = 'Content-Type: application/vnd.docker.raw-stream\r\n\r\n'

test('an answer comes piece by piece, as docker logs --follow wants it', async (t) => {
  let tellMore: () => void = () => undefined
  const world = await CompatWorld.withHttp(t, (_, response) => {
    response.write('first\n')
    tellMore = () => {
      response.end('second\n')
    }
  })
  const path = '/v1.41/containers/x/logs?follow=1'
  const asked = ask({ socketPath: world.socket, path, agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const [first] = (await once(answer, 'data')) as [Buffer]
  t.is(first.toString(), 'first\n')
  tellMore()
  t.is(await text(answer), 'second\n')
})

test('a large body goes through unchanged, both ways', async (t) => {
  const world = await CompatWorld.withHttp(t, (request, response) => {
    t.is(request.headers['transfer-encoding'], 'chunked')
    request.pipe(response)
  })
  const image = randomBytes(5_000_000)
  const path = '/v1.41/images/load'
  const asked = ask({
    ...{ socketPath: world.socket, method: 'POST', path, agent: false },
    headers: { 'transfer-encoding': 'chunked' },
  })
  asked.end(image)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const parts: Buffer[] = []
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part)
  t.true(Buffer.concat(parts).equals(image))
})

for (const [way, fields, status] of [
  ['without a word', '', '200 OK'],
  [
    'as an upgrade',
    'Connection: Upgrade\r\nUpgrade: tcp\r\n',
    '101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp',
  ],
] as const) {
  test(`a connection that Docker takes over ${way} works, input may end first`, async (t) => {
    let head = ''
    const world = await CompatWorld.withRaw(t, (connection) => {
      let all = ''
      connection.on('data', (chunk) => {
        all += chunk.toString()
        const [before = '', ...after] = all.split('\r\n\r\n{}')
        if (head === '' && after.length > 0) {
          head = before
          connection.write(`HTTP/1.1 ${status}\r\n${rawStream}ready\n`)
        }
      })
      connection.on('end', () => {
        connection.end(`it was ${all.split('\r\n\r\n{}')[1] ?? ''}`)
      })
    })
    const client = world.connect(t)
    const start = 'POST /v1.41/exec/x/start HTTP/1.1\r\nHost: docker\r\n'
    client.write(`${start}${fields}Content-Length: 2\r\n\r\n{}`)
    t.true((await heard(client, 'ready\n')).startsWith(`HTTP/1.1 ${status}`))
    client.write('\0some ')
    client.end('input\xff')
    t.is(await text(client), 'it was \0some input\xff')
    const upgrade = fields === '' ? '' : 'Upgrade, '
    t.true(head.endsWith(`\r\nConnection: ${upgrade}close`))
    t.is(head.includes('\r\nUpgrade: tcp\r\n'), fields !== '')
  })
}

test('what is no HTTP/1 is passed on as it is', async (t) => {
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  const world = await CompatWorld.withRaw(t, (connection) => {
    void heard(connection, 'SM\r\n\r\n').then((all) => connection.end(all))
  })
  const client = world.connect(t)
  client.write(preface)
  t.is(await text(client), preface)
})

test('a head is taken in pieces, and its bytes are kept', async (t) => {
  const world = await CompatWorld.withRaw(t, (connection) => {
    void heard(connection, '\r\n\r\n').then((all) => connection.end(all))
  })
  const client = world.connect(t)
  const head = 'GET /v1.41/info HTTP/1.1\r\nX-Name: ü\r\nKeep-Alive: 5\r\n\r\n'
  for (const byte of Buffer.from(head)) {
    client.write(Buffer.of(byte))
    await new Promise(setImmediate)
  }
  t.is(
    await text(client),
    'GET /v1.41/info HTTP/1.1\r\nX-Name: ü\r\nConnection: close\r\n\r\n',
  )
})

test('a client that keeps connections is looked at each time', async (t) => {
  const world = await CompatWorld.withHttp(t, (request, response) => {
    const network = { Id: 'x', Name: 'x', Driver: 'overtap', Scope: 'local' }
    response.end(request.url === '/networks' ? JSON.stringify([network]) : '{}')
  })
  const agent = world.agent()
  t.is((await world.ask('GET', '/version', undefined, agent)).content, '{}')
  for (let i = 0; i < 3; i++) {
    const { content } = await world.ask('GET', '/networks', undefined, agent)
    t.true(content.includes('"Scope":"global"'))
  }
})

test('many at once', async (t) => {
  const world = await CompatWorld.withHttp(t, (request, response) => {
    request.resume().on('end', () => response.end(request.url))
  })
  const paths = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0 ? `/containers/${i}/json` : `/networks/${i}`,
  )
  const answers = await Promise.all(paths.map((path) => world.ask('GET', path)))
  t.deepEqual(
    answers.map(({ content }) => content),
    paths,
  )
})

test('when a client breaks off, Docker learns of it', async (t) => {
  let isOver: () => void = () => undefined
  const over = new Promise<void>((resolve) => (isOver = resolve))
  const world = await CompatWorld.withHttp(t, (request, response) => {
    response.write('for ever')
    request.once('close', isOver)
  })
  const client = world.connect(t)
  client.write('GET /events HTTP/1.1\r\nHost: docker\r\n\r\n')
  await heard(client, 'for ever')
  client.destroy()
  await t.notThrowsAsync(over)
})

test('what Docker writes for nobody fails, though it does not listen', async (t) => {
  let isOver: () => void = () => undefined
  const over = new Promise<void>((resolve) => (isOver = resolve))
  const world = await CompatWorld.withRaw(t, (connection) => {
    const writing = setInterval(() => connection.write('for ever'), 5)
    connection.once('close', () => {
      clearInterval(writing)
      isOver()
    })
  })
  const client = world.connect(t)
  client.write('POST /containers/x/attach HTTP/1.1\r\nHost: docker\r\n\r\n')
  await heard(client, 'for ever')
  client.destroy()
  await t.notThrowsAsync(over)
})

test('when Docker breaks off, so does the answer', async (t) => {
  const world = await CompatWorld.withRaw(t, (connection) => {
    void heard(connection, '\r\n\r\n').then(() => {
      const half = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'
      connection.write(half, () => connection.destroy())
    })
  })
  await t.throwsAsync(world.ask('GET', '/info'), { code: 'ECONNRESET' })
  const { status } = await world.ask('GET', '/networks')
  t.is(status, 502)
})

test('while Docker is away, an answer says what to do', async (t) => {
  const world = await CompatWorld.withoutDocker(t)
  const asked: [string, string, string?][] = [
    ['GET', '/v1.41/info'],
    ['GET', '/v1.41/networks'],
    ['POST', '/v1.41/networks/create', '{"Driver":"overlay"}'],
    ['POST', '/v1.41/images/load', 'x'.repeat(1_000_000)],
  ]
  for (const [method, path, body] of asked) {
    const { status, content } = await world.ask(method, path, body)
    t.is(status, 502)
    const { message } = JSON.parse(content) as { message: string }
    t.regex(message, /^Docker does not answer at .*docker\.sock: .*ENOENT/)
    t.regex(message, /start Docker .*--docker-socket PATH/)
  }
})

test('a head without end is refused', async (t) => {
  const world = await CompatWorld.withoutDocker(t)
  const client = world.connect(t)
  client.write(`GET /info HTTP/1.1\r\nX: ${'x'.repeat(1_100_000)}`)
  t.regex(await text(client), /^HTTP\/1\.1 413 .*longer than 1048576 bytes/s)
})

test('group and others: its group may use it, others not', async (t) => {
  const world = await CompatWorld.withoutDocker(t)
  t.is((await stat(world.socket)).mode & 0o777, 0o660)
})

test('it stops while connections are open', async (t) => {
  const world = await CompatWorld.withHttp(t, (_, response) => {
    response.write('for ever')
  })
  const [silent, listening, shown] = [1, 2, 3].map(() => world.connect(t))
  if (!silent || !listening || !shown) throw new Error('three were made')
  await once(silent, 'connect')
  listening.write('GET /events HTTP/1.1\r\nHost: docker\r\n\r\n')
  shown.write('GET /networks HTTP/1.1\r\nHost: docker\r\n\r\n')
  await heard(listening, 'for ever')
  const closed = [silent, listening, shown].map((one) => once(one, 'end'))
  for (const one of [silent, listening, shown]) one.resume()
  await world.server.stop()
  await t.notThrowsAsync(Promise.all(closed))
  await t.throwsAsync(stat(world.socket), { code: 'ENOENT' })
})
