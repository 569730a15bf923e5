import { isOvertapError } from '../../../base/errors.js'
import type { Network } from '../../../store/records.js'
import { DockerError } from './docker-api.js'
import { LostNetworks } from './lost-networks.js'
import { networkBody, userLabels } from './network-body.js'
import { planNetworks } from './network-plan.js'
import type { Plan, Step } from './network-plan.js'
import type { AgentParts } from './ports.js'
import type { DockerNetwork } from './schema.js'

/**
 * What became of a step: it changed something, it waits for somebody else, or
 * it is to be tried again.
 */
type Result = 'done' | 'waits' | 'failed'

/** A step may make others possible. */
const maxRounds = 4

/**
 * Sees to it that Docker on this host has the networks of the cluster, and the
 * cluster those that are created and removed with Docker here. It touches
 * networks of our driver only.
 */
export class NetworkKeeper {
  readonly #parts: AgentParts
  readonly #lost: LostNetworks
  /** On this connection, by the id in the cluster; see `Situation`. */
  readonly #seen = new Map<string, string>()
  #connection = 0
  /** What was said already of things that wait for somebody. */
  #said = new Set<string>()
  #saying = new Set<string>()

  constructor(parts: AgentParts) {
    this.#parts = parts
    this.#lost = new LostNetworks(parts)
  }

  /** A connection begins or ends: what Docker lacks now, nobody saw removed. */
  forget(): void {
    this.#connection++
    this.#seen.clear()
  }

  /** Resolves to whether nothing failed; what waits for people is no failure. */
  async reconcile(): Promise<boolean> {
    this.#saying = new Set()
    let results: Result[] = ['done']
    for (let i = 0; i < maxRounds && results.includes('done'); i++) {
      results = []
      for (const step of (await this.#plan()).steps) {
        results.push(await this.#attempt(step))
      }
    }
    this.#said = this.#saying
    return !results.includes('failed')
  }

  async #plan(): Promise<Plan> {
    const { docker, node, driver } = this.#parts
    const connection = this.#connection
    const local = await docker.networks(driver)
    // A Docker that was made anew lacks all networks; that is nobody's wish.
    if (connection !== this.#connection) {
      throw new DockerError('the connection ended meanwhile', 0)
    }
    await this.#lost.giveUp(local)
    const cluster = node.networks.list()
    const mapped = node.driver.networks()
    for (const id of this.#seen.keys()) {
      if (!cluster.some((network) => network.id === id)) this.#seen.delete(id)
    }
    const plan = planNetworks({ local, cluster, mapped, seen: this.#seen })
    for (const [id, dockerId] of plan.present) this.#seen.set(id, dockerId)
    return plan
  }

  async #attempt(step: Step): Promise<Result> {
    const network = 'local' in step ? step.local.Name : step.network.name
    try {
      return await this.#perform(step)
    } catch (error) {
      const { log } = this.#parts
      log.warn({ err: error, network, step: step.do }, 'it is tried again')
      return 'failed'
    }
  }

  #perform(step: Step): Promise<Result> | Result {
    switch (step.do) {
      case 'publish':
        return this.#publish(step.local)
      case 'remove':
        return this.#remove(step.local)
      case 'leave':
        return this.#leave(step.local)
      case 'withdraw':
        return this.#withdraw(step.network)
      case 'create':
        return this.#create(step.network)
    }
  }

  async #publish(local: DockerNetwork): Promise<Result> {
    const { node } = this.#parts
    const labels = userLabels(local.Labels)
    try {
      await node.driver.nameNetwork(local.Id, local.Name, labels)
      return 'done'
    } catch (error) {
      // Another host was first: it becomes the one of the cluster.
      if (isOvertapError(error, 'NETWORK_EXISTS')) return this.#remove(local)
      // It was removed meanwhile.
      if (isOvertapError(error, 'DOCKER_NETWORK_UNKNOWN')) {
        return this.#remove(local)
      }
      throw error
    }
  }

  async #remove({ Id, Name }: DockerNetwork): Promise<Result> {
    const { docker, log } = this.#parts
    try {
      await docker.removeNetwork(Id)
    } catch (error) {
      if (isStatus(error, 404)) return 'done'
      if (!isStatus(error, 403)) throw error
      this.#say(
        Name,
        `network ${Name} of Docker is not, or no longer, the cluster's; it goes when its containers here are gone`,
      )
      return 'waits'
    }
    log.info({ network: Name }, 'network removed from Docker')
    return 'done'
  }

  #leave({ Name }: DockerNetwork): Result {
    this.#say(
      Name,
      `network ${Name} of Docker is not known to overtap; remove it and create it again`,
    )
    return 'waits'
  }

  /** Docker let it go without asking; the others may need it. */
  async #withdraw(network: Network): Promise<Result> {
    const { node, log } = this.#parts
    const { id, name } = network
    try {
      await node.networks.remove(id)
      log.info({ network: name }, 'network removed, as in Docker here')
    } catch (error) {
      if (isOvertapError(error, 'NETWORK_IN_USE')) {
        const created = await this.#create(network)
        const message = `network ${name} was removed from Docker here and is there again: ${error.message}`
        node.events.record('network-recreated', message, { network: name })
        return created
      }
      if (!isOvertapError(error, 'NETWORK_NOT_FOUND')) throw error
    }
    this.#seen.delete(id)
    return 'done'
  }

  async #create(network: Network): Promise<Result> {
    const { docker, driver, log } = this.#parts
    const { id, name } = network
    try {
      const body = networkBody(network, driver)
      this.#seen.set(id, await docker.createNetwork(body))
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      this.#say(
        name,
        `network ${name} of the cluster cannot be used by Docker here, which has another network of that name`,
      )
      return 'waits'
    }
    log.info({ network: name }, 'network created in Docker')
    return 'done'
  }

  /** Once, for as long as it is so. */
  #say(network: string, message: string): void {
    const { node, log } = this.#parts
    this.#saying.add(message)
    if (this.#said.has(message)) return
    this.#said.add(message)
    log.warn({ network }, message)
    node.events.record('network-conflict', message, { network })
  }
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof DockerError && error.status === status
}
