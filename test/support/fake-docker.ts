import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type {
  CreateNetworkBody,
  DockerContainer,
  DockerNetwork,
} from '../../src/frontends/docker/agent/schema.js'

export interface FakeNetwork extends DockerNetwork {
  readonly driver: string
  readonly body: Partial<CreateNetworkBody>
}

/** Calls of Docker to its driver. */
export interface FakePlugin {
  created(id: string, body: Partial<CreateNetworkBody>): void
  deleted(id: string): void
}

/** Docker's API on a unix socket, as far as the agent uses it. */
export class FakeDocker {
  readonly networks = new Map<string, FakeNetwork>()
  readonly containers = new Map<string, DockerContainer>()
  /** What was asked for, without the events. */
  readonly requests: string[] = []
  /** Answers with status 500 to what begins so. */
  failing: string | undefined
  readonly #plugin: FakePlugin
  readonly #streams = new Set<ServerResponse>()
  #server: Server | undefined

  constructor(plugin: FakePlugin) {
    this.#plugin = plugin
  }

  async listen(socket: string): Promise<void> {
    const server = createServer((request, response) => {
      void this.#answer(request, response)
    })
    this.#server = server
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve)
    })
  }

  /** As if dockerd ended. */
  async close(): Promise<void> {
    const server = this.#server
    server?.closeAllConnections()
    this.#streams.clear()
    if (!server?.listening) return
    await new Promise((resolve) => server.close(resolve))
  }

  /** `docker network create` of a user. */
  create(
    name: string,
    { driver = 'overtap', subnet = '', labels = {} } = {},
  ): string {
    return this.#create({
      ...{ Name: name, Driver: driver, Labels: labels },
      IPAM: { Driver: driver, Options: {}, Config: [config(subnet)] },
    })
  }

  /** `docker network rm` of a user. */
  remove(name: string): void {
    const network = [...this.networks.values()].find(
      ({ Name }) => Name === name,
    )
    if (network) this.#remove(network)
  }

  names(): string[] {
    return [...this.networks.values()].map(({ Name }) => Name).sort()
  }

  /** Runs a container; the event is told as Docker does. */
  run(name: string, networks: DockerContainer['NetworkSettings']['Networks']) {
    const id = newId()
    this.containers.set(id, {
      ...{ Id: id, Name: `/${name}` },
      Config: { Hostname: id.slice(0, 12) },
      NetworkSettings: { Networks: networks },
    })
    this.tell('container', 'start', id, { name })
    return id
  }

  tell(
    type: string,
    action: string,
    id: string,
    attributes: Record<string, string>,
  ): void {
    const event = {
      ...{ Type: type, Action: action },
      Actor: { ID: id, Attributes: attributes },
    }
    for (const stream of this.#streams) {
      stream.write(`${JSON.stringify(event)}\n`)
    }
  }

  #create(body: Partial<CreateNetworkBody>): string {
    const id = newId()
    const { Name = '', Driver = '', Labels = {}, IPAM } = body
    const Config = (IPAM?.Config ?? []).map(({ Subnet }) => ({ Subnet }))
    if (Driver === 'overtap') this.#plugin.created(id, body)
    this.networks.set(id, {
      ...{ Id: id, Name, Labels: { ...Labels }, IPAM: { Config } },
      ...{ driver: Driver, body },
    })
    this.tell('network', 'create', id, { name: Name, type: Driver })
    return id
  }

  #remove({ Id, Name, driver }: FakeNetwork): void {
    this.#plugin.deleted(Id)
    this.networks.delete(Id)
    this.tell('network', 'destroy', Id, { name: Name, type: driver })
  }

  isUsed(id: string): boolean {
    return [...this.containers.values()].some(({ NetworkSettings }) =>
      Object.values(NetworkSettings.Networks).some(
        ({ NetworkID }) => NetworkID === id,
      ),
    )
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method = '', url = '' } = request
    const [path = '', query = ''] = url.split('?')
    if (path === '/events') {
      response.writeHead(200).flushHeaders()
      this.#streams.add(response)
      return
    }
    const asked = `${method} ${path}`
    this.requests.push(asked)
    const body = method === 'POST' ? await json(request) : undefined
    const isFailing = this.failing && asked.startsWith(this.failing)
    const [status, answer] = isFailing
      ? [500, { message: 'out of order' }]
      : this.#route(asked, query, body)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(answer && JSON.stringify(answer))
  }

  #route(asked: string, query: string, body: unknown): Answer {
    const id = asked.split('/')[2] ?? ''
    if (asked === 'GET /version') return [200, { Version: '20.10.24' }]
    if (asked === 'GET /networks') return [200, this.#ofDriver(query)]
    if (asked.startsWith('POST /networks')) {
      return this.#createUnique(body as CreateNetworkBody)
    }
    if (asked.startsWith('DELETE /networks')) return this.#removeUnused(id)
    if (id === 'json') return [200, [...this.containers.values()]]
    const container = this.containers.get(id)
    if (container) return [200, container]
    return [404, { message: `No such container: ${id}` }]
  }

  #ofDriver(query: string): FakeNetwork[] {
    const filters = new URLSearchParams(query).get('filters') ?? '{}'
    const wanted = JSON.parse(filters) as { driver: string[] }
    const all = [...this.networks.values()]
    return all.filter(({ driver }) => wanted.driver.includes(driver))
  }

  #createUnique(body: CreateNetworkBody): Answer {
    const { Name } = body
    const message = `network with name ${Name} already exists`
    if (this.names().includes(Name)) return [409, { message }]
    return [201, { Id: this.#create(body) }]
  }

  #removeUnused(id: string): Answer {
    const network = this.networks.get(id)
    if (!network) return [404, { message: 'not found' }]
    if (this.isUsed(id)) return [403, { message: 'has active endpoints' }]
    this.#remove(network)
    return [204, undefined]
  }
}

type Answer = readonly [status: number, body: object | undefined]

export function newId(): string {
  return randomBytes(32).toString('hex')
}

function config(subnet: string) {
  return { Subnet: subnet, Gateway: '' }
}
