import { EventEmitter, once } from 'node:events'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import test from 'ava'
import { execaNode } from 'execa'
import { SocketClient } from '../../../../src/frontends/api/client.js'
import { hostView } from '../sample.js'
import { apiServer, serve, temporaryDirectory } from './served.js'

test('only root and the group of the socket may use it', async (t) => {
  const { socket } = await serve(t)
  const { mode } = await stat(socket)
  t.is(mode & 0o777, 0o660)
})

test('the socket is gone after a stop', async (t) => {
  const { server, socket } = await serve(t)
  await server.stop()
  t.deepEqual(await readdir(dirname(socket)), [])
})

test('the socket of a daemon that crashed is taken over', async (t) => {
  const socket = join(await temporaryDirectory(t), 'overtap.sock')
  const crash = `
    import { createServer } from 'node:net'
    createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  await execaNode({
    reject: false,
    nodeOptions: ['--input-type=module', '--eval', crash],
  })`${socket}`
  t.true((await stat(socket)).isSocket())

  const server = apiServer(socket)
  await server.start()
  t.teardown(() => server.stop())
  const client = new SocketClient(socket)
  t.teardown(() => {
    client.close()
  })
  t.is((await client.hosts()).length, 1)
})

test('the socket of a daemon that listens is left to it', async (t) => {
  const { socket, client } = await serve(t)
  const second = apiServer(socket)
  await t.throwsAsync(second.start(), {
    code: 'SOCKET_IN_USE',
    message: `a daemon is already listening on ${socket}`,
  })
  await second.stop()
  t.is((await client.hosts()).length, 1)
})

test('a file that is no socket is left alone', async (t) => {
  const path = join(await temporaryDirectory(t), 'precious')
  await writeFile(path, 'data')
  await t.throwsAsync(apiServer(path).start(), {
    code: 'SOCKET_UNUSABLE',
    message: `cannot listen on ${path}: a file that is no socket is there`,
  })
  t.true((await stat(path)).isFile())
})

test('a path that unix sockets cannot have is refused', async (t) => {
  const path = join(await temporaryDirectory(t), 'x'.repeat(108))
  await t.throwsAsync(apiServer(path).start(), {
    code: 'SOCKET_UNUSABLE',
    message: /longer than 107 bytes$/,
  })
})

test('a directory that cannot be made is named', async (t) => {
  const file = join(await temporaryDirectory(t), 'file')
  await writeFile(file, '')
  await t.throwsAsync(apiServer(join(file, 'overtap.sock')).start(), {
    code: 'SOCKET_UNUSABLE',
    message: /file already exists|not a directory/,
  })
})

test('a stop does not wait for clients that stay connected', async (t) => {
  const { server, socket } = await serve(t)
  const silent = createConnection(socket)
  await once(silent, 'connect')
  const closed = once(silent, 'close')
  await server.stop()
  await closed
  t.pass()
})

test('a stop lets an answer under way arrive', async (t) => {
  const gate = new EventEmitter()
  const { server, client } = await serve(t, {
    hosts: {
      list: async () => {
        gate.emit('asked')
        await once(gate, 'answer')
        return [hostView]
      },
    },
  })
  const asked = once(gate, 'asked')
  const hosts = client.hosts()
  await asked
  const stopped = server.stop()
  gate.emit('answer')
  t.is((await hosts).length, 1)
  await stopped
})

test('a client says that no daemon is running', async (t) => {
  const socket = join(await temporaryDirectory(t), 'overtap.sock')
  const client = new SocketClient(socket)
  t.teardown(() => {
    client.close()
  })
  await t.throwsAsync(client.hosts(), {
    code: 'DAEMON_NOT_RUNNING',
    message: `overtapd is not running at ${socket}`,
  })
})

test('a client says that something else is listening', async (t) => {
  const socket = join(await temporaryDirectory(t), 'other.sock')
  const other = createServer((connection) => {
    connection.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
  })
  other.listen(socket)
  await once(other, 'listening')
  t.teardown(() => other.close())
  const client = new SocketClient(socket)
  t.teardown(() => {
    client.close()
  })
  await t.throwsAsync(client.hosts(), {
    code: 'DAEMON_UNREACHABLE',
    message: `overtapd at ${socket} does not answer: the answer is no JSON`,
  })
})
