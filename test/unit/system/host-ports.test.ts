import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { LinuxHostPorts } from '../../../src/system/host-ports.js'
import { run } from '../../../src/system/run.js'
import type { HeldPort, HostPort } from '../../../src/system/system.js'

const ports = new LinuxHostPorts(run)
const ip = '127.0.0.1'

/** A TCP port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, ip)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function hold(port: HostPort): Promise<HeldPort> {
  const held = await ports.hold(port)
  if ('refused' in held) throw new Error(`refused: ${held.refused}`)
  return held
}

test('nobody else can listen at a held TCP port', async (t) => {
  const port = await freePort()
  const held = await hold({ protocol: 'tcp', ip, port })

  const [error] = (await once(createServer().listen(port, ip), 'error')) as [
    NodeJS.ErrnoException,
  ]
  t.is(error.code, 'EADDRINUSE')
  held.release()
  t.false('refused' in (await ports.hold({ protocol: 'tcp', ip, port })))
})

test('who connects to a held port is turned away', async (t) => {
  const port = await freePort()
  const held = await hold({ protocol: 'tcp', ip, port })
  const socket = connect(port, ip)
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  t.is(error.code, 'ECONNRESET')
  held.release()
})

test('a held UDP port is in use', async (t) => {
  const port = await freePort()
  const held = await hold({ protocol: 'udp', ip, port })
  t.deepEqual(await ports.hold({ protocol: 'udp', ip, port }), {
    refused: 'in-use',
  })
  held.release()
})

test('both families are held apart', async (t) => {
  const port = await freePort()
  const v6 = await hold({ protocol: 'tcp', ip: '::', port })
  const v4 = await hold({ protocol: 'tcp', ip: '0.0.0.0', port })
  t.pass()
  for (const held of [v4, v6]) held.release()
})

test('who listens is named', async (t) => {
  const socket = createSocket('udp4').bind(0, ip)
  await once(socket, 'listening')
  const { port } = socket.address()
  t.deepEqual(await ports.hold({ protocol: 'udp', ip: '0.0.0.0', port }), {
    refused: 'in-use',
  })
  const user = await ports.user({ protocol: 'udp', ip, port })
  t.true(user?.endsWith(` (pid ${process.pid})`), String(user))
  socket.close()
  await once(socket, 'close')
  t.is(await ports.user({ protocol: 'udp', ip, port }), null)
})

test('an address of somebody else cannot be held', async (t) => {
  for (const protocol of ['tcp', 'udp'] as const) {
    t.deepEqual(await ports.hold({ protocol, ip: '192.0.2.1', port: 9 }), {
      refused: 'not-local',
    })
  }
})

test('the range of ports for everybody is the kernel’s', async (t) => {
  const { first, last } = await ports.ephemeral()
  t.true(first > 0 && first < last && last < 65536)
})
