import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { PluginServer } from '../../../../src/frontends/docker/plugin/server.js'
import type { PluginServerOptions } from '../../../../src/frontends/docker/plugin/server.js'
import type { DriverUseCases } from '../../../../src/node/driver/use-cases.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { fakeDriver } from '../sample.js'

export interface Plugged {
  readonly server: PluginServer
  readonly socket: string
  readonly logger: RecordingLogger
}

export interface PluginAnswer {
  readonly status: number
  readonly body: unknown
}

/** A driver on a real socket until the test ends, as dockerd would find it. */
export async function plug(
  t: ExecutionContext,
  driver: DriverUseCases = fakeDriver(),
  options: Partial<PluginServerOptions> & { admit?: boolean } = {},
): Promise<Plugged> {
  const directory = await mkdtemp(join(tmpdir(), 'overtap-plugin-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const socket = join(directory, 'plugins', 'overtap.sock')
  const logger = new RecordingLogger()
  const { admit = true, ...rest } = options
  const server = new PluginServer({
    node: { driver },
    socket,
    log: logger,
    ...rest,
  })
  await server.start()
  t.teardown(() => server.stop())
  if (admit) server.admit()
  return { server, socket, logger }
}

/** As dockerd calls: a POST, sometimes chunked, sometimes without a body. */
export function call(
  socket: string,
  method: string,
  body?: string | object,
  { chunked = false, headers = {} }: CallOptions = {},
): Promise<PluginAnswer> {
  const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? '')
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: socket,
        method: 'POST',
        path: `/${method}`,
        headers: {
          // As 20.10 does it.
          Host: socket,
          Accept: 'application/vnd.docker.plugins.v1.2+json',
          ...(!chunked && { 'Content-Length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => {
          const received = Buffer.concat(parts).toString()
          const status = response.statusCode ?? 0
          resolve({ status, body: JSON.parse(received) as unknown })
        })
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    if (chunked) sent.write('')
    sent.end(text)
  })
}

interface CallOptions {
  readonly chunked?: boolean
  readonly headers?: Readonly<Record<string, string>>
}
