import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { DockerSocket } from '../../../../src/frontends/docker/agent/docker-api.js'
import { temporaryDirectory } from '../../../support/temporary-directory.js'

/** A client of something that answers so. */
async function client(t: ExecutionContext, answer: RequestListener) {
  const socket = join(await temporaryDirectory(t), 'docker.sock')
  const server = createServer(answer)
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve)
  })
  const docker = new DockerSocket(socket)
  t.teardown(() => {
    docker.close()
    server.closeAllConnections()
    server.close()
  })
  return docker
}

test('what Docker refuses is said in its words', async (t) => {
  const docker = await client(t, (_, response) => {
    response.writeHead(403).end('{"message":"has active endpoints"}')
  })
  await t.throwsAsync(docker.removeNetwork('x'), {
    message: 'has active endpoints',
    name: 'DockerError',
  })
})

test('an answer that is none is an error, not a crash', async (t) => {
  const answers = ['', '{', '[]', '{"Version":5}', '<html>']
  const docker = await client(t, (_, response) => {
    response.end(answers.shift())
  })
  while (answers.length > 0) {
    await t.throwsAsync(docker.version(), { name: 'DockerError' })
  }
})

test('a refusal without words has its status', async (t) => {
  const docker = await client(t, (_, response) => {
    response.writeHead(502).end('bad gateway')
  })
  await t.throwsAsync(docker.containers(), { message: 'HTTP status 502' })
})

test('nobody there', async (t) => {
  const docker = new DockerSocket('/nonexistent/docker.sock')
  await t.throwsAsync(docker.version(), {
    message: /^Docker at \/nonexistent\/docker\.sock: .*ENOENT/,
  })
})

test('events come one by one, cut anywhere; strange ones are left out', async (t) => {
  const known = { Type: 'network', Action: 'create' }
  const lines = [
    JSON.stringify({ ...known, Actor: { ID: 'a', Attributes: { name: 'ü' } } }),
    JSON.stringify({ Type: 'moon', Phase: 'full' }),
    JSON.stringify({ ...known, Actor: { ID: 'b', Attributes: null } }),
  ]
  const docker = await client(t, (request, response) => {
    t.regex(request.url ?? '', /^\/events\?since=1\.500&/)
    for (const byte of Buffer.from(`${lines.join('\n')}\n`)) {
      response.write(Buffer.of(byte))
    }
    response.end()
  })
  const ids: unknown[] = []
  const signal = new AbortController().signal
  for await (const { Actor } of docker.events(1500, signal)) {
    ids.push([Actor.ID, Actor.Attributes])
  }
  t.deepEqual(ids, [
    ['a', { name: 'ü' }],
    ['b', {}],
  ])
})

test('what is under way ends when it is closed, and nothing comes after', async (t) => {
  let isAsked: () => void = () => undefined
  const asked = new Promise<void>((resolve) => (isAsked = resolve))
  const docker = await client(t, () => {
    isAsked()
  })
  const underWay = docker.createNetwork({} as never)
  await asked
  docker.close()
  await t.throwsAsync(underWay, { name: 'DockerError' })
  await t.throwsAsync(docker.version(), { message: /is stopping/ })
})
