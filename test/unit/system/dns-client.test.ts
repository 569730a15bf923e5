import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import test from 'ava'
import { SocketDnsClient } from '../../../src/system/dns-client.js'
import type { DnsExchange } from '../../../src/system/dns.js'

const client = new SocketDnsClient()
const question = Uint8Array.of(1, 2, 3)
const answer = Uint8Array.of(1, 2, 3, 4)

function exchange(port: number, change: Partial<DnsExchange> = {}) {
  return client.exchange({
    server: { address: '127.0.0.1', port },
    transport: 'udp',
    message: question,
    accepts: () => true,
    signal: new AbortController().signal,
    ...change,
  })
}

/** A UDP server on the loopback that does this with every question. */
async function udpServer(
  handle: (socket: Socket, message: Buffer, from: RemoteInfo) => void,
): Promise<{ port: number; socket: Socket }> {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    handle(socket, message, from)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { port: socket.address().port, socket }
}

async function tcpServer(reply: readonly Uint8Array[]): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      for (const part of reply) socket.write(part)
      socket.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

test('an answer over UDP comes back, from another source port each time', async (t) => {
  const ports = new Set<number>()
  const { port, socket } = await udpServer((server, message, from) => {
    t.deepEqual(Uint8Array.from(message), question)
    ports.add(from.port)
    server.send(answer, from.port, from.address)
  })
  t.teardown(() => socket.close())
  for (let i = 0; i < 8; i++) {
    t.deepEqual(Uint8Array.from(await exchange(port)), answer)
  }
  t.true(ports.size > 1)
})

test('what is not accepted, and what others send, is passed over', async (t) => {
  const stranger = createSocket('udp4')
  t.teardown(() => stranger.close())
  const { port, socket } = await udpServer((server, _, from) => {
    stranger.send(answer, from.port, from.address, () => {
      server.send(Uint8Array.of(9), from.port, from.address)
      server.send(Uint8Array.of(7, 7), from.port, from.address)
    })
  })
  t.teardown(() => socket.close())
  const accepts = (bytes: Uint8Array) => bytes.length !== 1
  t.deepEqual(
    Uint8Array.from(await exchange(port, { accepts })),
    Uint8Array.of(7, 7),
  )
})

test('a closed port is told at once, over UDP and TCP', async (t) => {
  const { port, socket } = await udpServer(() => undefined)
  socket.close()
  await once(socket, 'close')
  for (const transport of ['udp', 'tcp'] as const) {
    await t.throwsAsync(exchange(port, { transport }), {
      message: /ECONNREFUSED/,
    })
  }
})

test('a wait can be ended, also before it began', async (t) => {
  const { port, socket } = await udpServer(() => undefined)
  t.teardown(() => socket.close())
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  for (const early of [true, false]) {
    for (const [transport, at] of [
      ['udp', port],
      ['tcp', portOf(server)],
    ] as const) {
      const end = new AbortController()
      if (early) end.abort()
      const waiting = exchange(at, { transport, signal: end.signal })
      end.abort()
      await t.throwsAsync(waiting)
    }
  }
})

test('an answer over TCP comes back, however it is cut', async (t) => {
  const long = Uint8Array.from({ length: 40_000 }, (_, index) => index)
  const parts = [
    Uint8Array.of(40_000 >> 8),
    Uint8Array.of(40_000 & 255),
    long.subarray(0, 9),
    long.subarray(9),
  ]
  const server = await tcpServer(parts)
  t.teardown(() => server.close())
  const got = await exchange(portOf(server), { transport: 'tcp' })
  t.deepEqual(Uint8Array.from(got), long)
})

test('a connection that ends too early is a failure', async (t) => {
  for (const reply of [[], [Uint8Array.of(0)], [Uint8Array.of(0, 9, 1)]]) {
    const server = await tcpServer(reply)
    t.teardown(() => server.close())
    await t.throwsAsync(exchange(portOf(server), { transport: 'tcp' }))
  }
})
