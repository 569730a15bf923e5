import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Logger } from '../../../../src/base/log.js'
import { SocketClient } from '../../../../src/frontends/api/client.js'
import { ApiServer } from '../../../../src/frontends/api/server.js'
import type { UseCases } from '../../../../src/node/use-cases.js'
import { fakeNode } from '../sample.js'

export interface Served {
  readonly server: ApiServer
  readonly client: SocketClient
  readonly socket: string
  /** What was logged as an error. */
  readonly logged: { readonly message: string; readonly err: unknown }[]
}

/** A directory of its own, gone after the test. */
export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'overtap-api-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** The API of a fake daemon on a real socket, until the test ends. */
export async function serve(
  t: ExecutionContext,
  overrides: Partial<UseCases> = {},
): Promise<Served> {
  const socket = join(await temporaryDirectory(t), 'run', 'overtap.sock')
  const logged: Served['logged'] = []
  const server = apiServer(socket, { node: fakeNode(overrides), logged })
  await server.start()
  t.teardown(() => server.stop())
  const client = new SocketClient(socket)
  t.teardown(() => {
    client.close()
  })
  return { server, client, socket, logged }
}

export function apiServer(
  socket: string,
  {
    node = fakeNode(),
    logged = [],
    graceMs = 100,
  }: { node?: UseCases; logged?: Served['logged']; graceMs?: number } = {},
): ApiServer {
  const nothing = (): void => undefined
  const log: Logger = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: ({ err }, message) => {
      logged.push({ message, err })
    },
  }
  return new ApiServer({ node, socket, log, graceMs })
}
