import type { ApiClient } from '../../../../src/frontends/api/client.js'
import type { EventResponse } from '../../../../src/frontends/api/schema.js'
import {
  lookupResponse,
  nameResponse,
} from '../../../../src/frontends/api/dns-routes.js'
import {
  endpointResponse,
  hostResponse,
  networkResponse,
  statusResponse,
  subnetResponse,
  versionResponse,
} from '../../../../src/frontends/api/views.js'
import type { Host } from '../../../../src/frontends/cli/session.js'
import { runCli } from '../../../../src/frontends/cli/run-cli.js'
import {
  endpointView,
  hostView,
  lookupView,
  nameView,
  networkView,
  nodeHealth,
  nodeStatus,
  subnetView,
} from '../sample.js'

export interface Captured {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Where the daemon was looked for. */
  readonly socket: string | undefined
}

export const network = networkResponse(networkView)
export const endpoint = endpointResponse(endpointView)
export const host = hostResponse(hostView)

/** As a client gives them. */
export async function* eventsOf(
  events: readonly EventResponse[],
): AsyncGenerator<EventResponse> {
  yield* await Promise.resolve(events)
}

/** A daemon that knows the samples. */
const fakeClient: ApiClient = {
  version: () => Promise.resolve({ ...versionResponse(), Version: '9.8.7' }),
  status: () => Promise.resolve(statusResponse(nodeStatus, nodeHealth)),
  hosts: () => Promise.resolve([host]),
  networks: () => Promise.resolve([network]),
  network: () => Promise.resolve(network),
  createNetwork: () => Promise.resolve(network),
  removeNetwork: () => Promise.resolve(),
  connect: () => Promise.resolve(endpoint),
  disconnect: () => Promise.resolve(endpoint),
  endpoints: () => Promise.resolve([endpoint]),
  forwarding: () => Promise.resolve([]),
  events: () => eventsOf([]),
  ipam: (reference) =>
    Promise.resolve([subnetResponse(subnetView, reference !== undefined)]),
  names: () => Promise.resolve([nameResponse(nameView)]),
  addName: () => Promise.resolve(nameResponse(nameView)),
  removeName: () => Promise.resolve(null),
  lookup: () => Promise.resolve([lookupResponse(lookupView)]),
  flushDns: () => Promise.resolve({ Flushed: 3 }),
  fsck: () => Promise.resolve([]),
  close: () => undefined,
}

const refuse = () => Promise.reject(new Error('not to be asked'))
/** Of no use: commands that ask the daemon do without. */
export const nothingThere: Host = {
  namespaces: { resolve: refuse },
  loadGenerator: { measure: refuse, serve: refuse },
  uninstall: refuse,
}

/** Runs `overtap ARGS` in /home/user against a daemon that answers as told. */
export async function overtap(
  args: readonly string[],
  answers: Partial<ApiClient> = {},
  env: Readonly<Record<string, string>> = {},
  host: Host = nothingThere,
): Promise<Captured> {
  let stdout = ''
  let stderr = ''
  let socket: string | undefined
  const code = await runCli(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
    cwd: '/home/user',
    interruption: () => new AbortController().signal,
    connect: (path) => {
      socket = path
      return { ...fakeClient, ...answers }
    },
    host,
  })
  return { code, stdout, stderr, socket }
}
