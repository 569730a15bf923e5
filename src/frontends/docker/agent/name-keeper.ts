import pLimit from 'p-limit'
import { Serialised } from '../../../base/serialised.js'
import { namedEndpoints } from './container-names.js'
import type { NamedEndpoint } from './container-names.js'
import { DockerError } from './docker-api.js'
import type { AgentParts } from './ports.js'

/** Containers that are asked about at a time; Docker lets some wait. */
const atOnce = 16

/** Tells the driver what Docker's containers are called, which it needs for DNS. */
export class NameKeeper {
  readonly #parts: AgentParts
  readonly #limit = pLimit(atOnce)
  readonly #inTurn = new Serialised()
  /** Containers that will be asked about, and have not been. */
  readonly #waiting = new Map<string, Promise<boolean>>()
  /** By endpoint, what was told last. */
  readonly #told = new Map<string, string>()

  constructor(parts: AgentParts) {
    this.#parts = parts
  }

  /** Everything is told again. */
  forget(): void {
    this.#told.clear()
  }

  /** Something about a container has changed. Resolves to whether it worked. */
  look(container: string): Promise<boolean> {
    const waiting = this.#waiting.get(container)
    if (waiting !== undefined) return waiting
    const task = this.#inTurn.run(container, () =>
      this.#limit(() => {
        // Who asks from now on wants a later answer.
        this.#waiting.delete(container)
        return this.#attempt(container)
      }),
    )
    this.#waiting.set(container, task)
    return task
  }

  /** Looks at those containers whose endpoints are not named yet. */
  async reconcile(): Promise<boolean> {
    const containers = await this.#parts.docker.containers()
    const isOurs = this.#ours()
    const endpoints = new Set<string>()
    const unnamed = new Set<string>()
    for (const { Id, NetworkSettings } of containers) {
      for (const one of Object.values(NetworkSettings.Networks)) {
        if (!one.EndpointID || !isOurs(one.NetworkID)) continue
        endpoints.add(one.EndpointID)
        if (!this.#told.has(one.EndpointID)) unnamed.add(Id)
      }
    }
    for (const endpoint of this.#told.keys()) {
      if (!endpoints.has(endpoint)) this.#told.delete(endpoint)
    }
    const results = await Promise.all([...unnamed].map((id) => this.look(id)))
    return results.every(Boolean)
  }

  async #attempt(container: string): Promise<boolean> {
    const { docker, log } = this.#parts
    try {
      const inspected = await docker.container(container)
      for (const one of namedEndpoints(inspected, this.#ours())) {
        await this.#tell(one)
      }
      return true
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return true
      log.warn(
        { err: error },
        `container ${container.slice(0, 12)} has no name`,
      )
      return false
    }
  }

  async #tell({ endpoint, names }: NamedEndpoint): Promise<void> {
    const said = JSON.stringify(names)
    if (this.#told.get(endpoint) === said) return
    await this.#parts.node.driver.nameEndpoint(endpoint, names)
    this.#told.set(endpoint, said)
  }

  #ours(): (dockerId: string) => boolean {
    const ours = new Set(
      this.#parts.node.driver.networks().map(({ dockerId }) => dockerId),
    )
    return (dockerId) => ours.has(dockerId)
  }
}
