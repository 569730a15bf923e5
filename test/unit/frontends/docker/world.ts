import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { systemClock, type Clock } from '../../../../src/base/clock.js'
import { errors } from '../../../../src/base/errors.js'
import { DockerAgent } from '../../../../src/frontends/docker/agent/agent.js'
import { DockerSocket } from '../../../../src/frontends/docker/agent/docker-api.js'
import { idKey } from '../../../../src/frontends/docker/agent/network-body.js'
import type { AgentNode } from '../../../../src/frontends/docker/agent/ports.js'
import type {
  DriverEndpointNames,
  DriverNetwork,
} from '../../../../src/node/driver/use-cases.js'
import type { CreateNetworkBody } from '../../../../src/frontends/docker/agent/schema.js'
import type { Network } from '../../../../src/store/records.js'
import { FakeDocker, newId } from '../../../support/fake-docker.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { temporaryDirectory } from '../../../support/temporary-directory.js'

/** The networks that all hosts share, as far as the agents see them. */
export class FakeCluster {
  readonly networks = new Map<string, Network>()
  /** Networks that containers are on somewhere. */
  readonly used = new Set<string>()
  readonly #listeners = new Set<() => void>()

  add(name: string, part: Partial<Network> = {}): Network {
    const number = this.networks.size
    const subnets = [
      { subnet: `10.0.${number}.0/24`, gateway: `10.0.${number}.1` },
    ]
    const network = {
      ...{ id: newId(), name, vni: 256 + number, subnets, internal: false },
      ...{ options: {}, labels: {}, createdAt: '', createdBy: 'host2' },
      ...part,
    }
    this.networks.set(network.id, network)
    this.tell()
    return network
  }

  rename(id: string, name: string, labels: Network['labels']): void {
    const before = this.networks.get(id)
    if (!before) throw errors.NETWORK_NOT_FOUND(id)
    this.networks.set(id, { ...before, name, labels })
    this.tell()
  }

  remove(id: string): Promise<void> {
    const network = this.networks.get(id)
    if (!network) return Promise.reject(errors.NETWORK_NOT_FOUND(id))
    if (this.used.has(id)) {
      const holders = [{ endpoint: 'bbox9', host: 'host9' }]
      return Promise.reject(errors.NETWORK_IN_USE(network.name, holders))
    }
    this.networks.delete(id)
    this.tell()
    return Promise.resolve()
  }

  names(): string[] {
    return [...this.networks.values()].map(({ name }) => name).sort()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** The system's, ahead of it by as much as a test says. */
export class HastyClock implements Clock {
  aheadMs = 0

  now(): number {
    return systemClock.now() + this.aheadMs
  }

  monotonic(): number {
    return systemClock.monotonic() + this.aheadMs
  }

  after(ms: number, task: () => void): () => void {
    return systemClock.after(ms, task)
  }
}

/** A host: Docker, the driver, and the agent between it and the cluster. */
export class FakeHost {
  readonly docker: FakeDocker
  readonly agent: DockerAgent
  readonly mapped = new Map<string, DriverNetwork>()
  readonly named = new Map<string, DriverEndpointNames>()
  readonly events: string[] = []
  readonly log = new RecordingLogger()
  /** Runs by itself; tests may let more time pass. */
  readonly clock = new HastyClock()

  constructor(
    readonly cluster: FakeCluster,
    readonly socket: string,
  ) {
    this.docker = new FakeDocker({
      created: (id, body) => {
        this.#created(id, body)
      },
      deleted: (id) => {
        this.#deleted(id)
      },
    })
    this.agent = new DockerAgent({
      docker: new DockerSocket(socket),
      node: {
        networks: {
          list: () => [...cluster.networks.values()],
          remove: (id) => cluster.remove(id),
          onChange: (listener) => cluster.onChange(listener),
        },
        events: {
          record: (kind) => {
            this.events.push(kind)
          },
        },
        driver: this.#driver(),
      },
      driver: 'overtap',
      clock: this.clock,
      log: this.log,
    })
  }

  #driver(): AgentNode['driver'] {
    return {
      networks: () => [...this.mapped.values()],
      deleteNetwork: (dockerId) => {
        this.#deleted(dockerId)
        return Promise.resolve()
      },
      nameNetwork: (dockerId, name, labels) => {
        this.#name(dockerId, name, labels)
        return Promise.resolve()
      },
      nameEndpoint: (endpoint, names) => {
        this.named.set(endpoint, names)
        return Promise.resolve()
      },
    }
  }

  #name(dockerId: string, name: string, labels: Network['labels']): void {
    const mapped = this.mapped.get(dockerId)
    const namesake = [...this.cluster.networks.values()].find(
      (network) => network.name === name,
    )
    if (mapped && namesake && namesake.id !== mapped.network) {
      throw errors.NETWORK_EXISTS(name)
    }
    const network = mapped?.network ?? namesake?.id ?? ''
    this.mapped.set(dockerId, { dockerId, network, isUnnamed: false })
    if (mapped) this.cluster.rename(network, name, labels)
  }

  #created(dockerId: string, body: Partial<CreateNetworkBody>): void {
    const given = body.Options?.[idKey]
    const network =
      given ?? this.cluster.add(`docker-${dockerId.slice(0, 12)}`).id
    const isUnnamed = given === undefined
    this.mapped.set(dockerId, { dockerId, network, isUnnamed })
  }

  #deleted(dockerId: string): void {
    const mapped = this.mapped.get(dockerId)
    this.mapped.delete(dockerId)
    if (mapped?.isUnnamed) void this.cluster.remove(mapped.network)
  }
}

/** Hosts with their agents started, until the test ends. */
export async function world(
  t: ExecutionContext,
  hosts = 2,
): Promise<{ cluster: FakeCluster; hosts: FakeHost[] }> {
  const cluster = new FakeCluster()
  const directory = await temporaryDirectory(t)
  const made = Array.from(
    { length: hosts },
    (_, index) => new FakeHost(cluster, join(directory, `docker${index}.sock`)),
  )
  for (const host of made) {
    await host.docker.listen(host.socket)
    host.agent.start()
    t.teardown(async () => {
      await host.agent.stop()
      await host.docker.close()
    })
  }
  return { cluster, hosts: made }
}
