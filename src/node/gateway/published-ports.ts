import type { PortUser } from '../../base/error-table/publish-errors.js'
import { errors } from '../../base/errors.js'
import { ipVersion } from '../../net/ip.js'
import {
  isDefinite,
  parsePublishRequest,
  publishedPortProblem,
  rangeSize,
  rangeText,
} from '../../net/published-port.js'
import type {
  PortRange,
  PublishedPort,
  PublishRequest,
} from '../../net/published-port.js'
import type {
  HeldPort,
  HostPort,
  HostPorts,
  PortRefusal,
} from '../../system/system.js'

/** Ports of one endpoint, all ranges together. */
const maxPorts = 16_384
/** Sockets that keep others off; ports beyond are published without one. */
const maxHeld = 4096

/** An endpoint. */
export interface PortOwner {
  readonly id: string
  /** For people. */
  readonly name: string
  readonly network: string
}

interface Taken {
  readonly owner: PortOwner
  readonly port: PublishedPort
  readonly held: HeldPort[]
}

/** Of a record, which may be another version's: what cannot be read leads nowhere. */
export function recordedPorts({
  publish,
}: {
  readonly publish: readonly string[]
}): PublishedPort[] {
  return publish
    .filter((text) => publishedPortProblem(text) === null)
    .map(parsePublishRequest)
    .filter(isDefinite)
}

type Refusal =
  { readonly rival: Taken } | (PortRefusal & { readonly at: HostPort })

/**
 * Which ports of this host lead to which container. A port has one user: no
 * other container, and no process as long as a socket of ours holds it.
 */
export class PublishedPorts {
  readonly #ports: HostPorts
  readonly #taken = new Set<Taken>()
  #heldCount = 0
  /** Where the next free port is looked for. */
  #next = 0

  constructor(ports: HostPorts) {
    this.#ports = ports
  }

  /**
   * Takes ports, all or none, and says which where that was left open.
   * PUBLISH_CONFLICT, _EXHAUSTED, _ADDRESS_UNKNOWN, _TOO_MANY, _FAILED.
   */
  async take(
    owner: PortOwner,
    requests: readonly PublishRequest[],
  ): Promise<readonly PublishedPort[]> {
    const wanted = requests
      .map(({ containerPorts }) => rangeSize(containerPorts))
      .reduce((sum, size) => sum + size, 0)
    if (wanted > maxPorts) throw errors.PUBLISH_TOO_MANY(wanted, maxPorts)
    const ports: PublishedPort[] = []
    try {
      for (const request of requests) {
        ports.push(
          isDefinite(request)
            ? await this.#takeThis(owner, request)
            : await this.#takeAny(owner, request),
        )
      }
    } catch (error) {
      this.release(owner.id)
      throw error
    }
    return ports
  }

  /**
   * Those of a container that was here before this daemon: they lead to it
   * whoever listens there by now. Resolves to one sentence for each such port.
   */
  async adopt(
    owner: PortOwner,
    ports: readonly PublishedPort[],
  ): Promise<readonly string[]> {
    const problems: string[] = []
    for (const port of ports) {
      const refusal = await this.#try(owner, port)
      if (refusal === null) continue
      problems.push((await this.#conflict(refusal)).message)
      this.#taken.add({ owner, port, held: [] })
    }
    return problems
  }

  /** All that an endpoint has; nothing when it has none. */
  release(ownerId: string): void {
    for (const taken of this.#taken) {
      if (taken.owner.id === ownerId) this.#give(taken)
    }
  }

  async #takeThis(
    owner: PortOwner,
    port: PublishedPort,
  ): Promise<PublishedPort> {
    const refusal = await this.#try(owner, port)
    if (refusal !== null) throw await this.#conflict(refusal)
    return port
  }

  async #takeAny(
    owner: PortOwner,
    request: PublishRequest,
  ): Promise<PublishedPort> {
    const size = rangeSize(request.containerPorts)
    const isAsked = request.hostPorts !== undefined
    const range = request.hostPorts ?? (await this.#ports.ephemeral())
    const start = isAsked ? range.first : this.#next
    for (const hostPorts of windows(range, size, start)) {
      const port = { ...request, hostPorts }
      const refusal = await this.#try(owner, port)
      if (refusal === null) {
        if (!isAsked) this.#next = hostPorts.last + 1
        return port
      }
      if ('refused' in refusal && refusal.refused !== 'in-use') {
        throw await this.#conflict(refusal)
      }
    }
    throw errors.PUBLISH_EXHAUSTED(rangeText(range), size)
  }

  /** Noted before it is looked for: nobody else gets it meanwhile. */
  async #try(owner: PortOwner, port: PublishedPort): Promise<Refusal | null> {
    const rival = [...this.#taken].find((taken) => overlap(taken.port, port))
    if (rival !== undefined) return { rival }
    const taken: Taken = { owner, port, held: [] }
    this.#taken.add(taken)
    for (const one of single(port)) {
      const held = await this.#ports.hold(one)
      if ('refused' in held) {
        this.#give(taken)
        return { ...held, at: one }
      }
      this.#keep(taken, held)
    }
    return null
  }

  /** Released while it was looked for, or too many: that it was free is all. */
  #keep(taken: Taken, held: HeldPort): void {
    if (this.#heldCount >= maxHeld || !this.#taken.has(taken)) held.release()
    else {
      taken.held.push(held)
      this.#heldCount++
    }
  }

  #give(taken: Taken): void {
    if (!this.#taken.delete(taken)) return
    this.#heldCount -= taken.held.length
    for (const held of taken.held) held.release()
  }

  async #conflict(refusal: Refusal): Promise<Error> {
    if ('rival' in refusal) {
      const { owner, port } = refusal.rival
      const user = { container: owner.name, network: owner.network }
      return errors.PUBLISH_CONFLICT(hostText(port), user)
    }
    const { at } = refusal
    const text = `${at.port}/${at.protocol}`
    if (refusal.refused === 'failed') {
      return errors.PUBLISH_FAILED(text, refusal.problem)
    }
    if (refusal.refused === 'not-local') {
      return errors.PUBLISH_ADDRESS_UNKNOWN(at.ip)
    }
    const user: PortUser = { process: await this.#ports.user(at) }
    return errors.PUBLISH_CONFLICT(text, user)
  }
}

/** Each of its ports, at each address. */
function* single({ ip, hostPorts, protocol }: PublishedPort) {
  for (let port = hostPorts.first; port <= hostPorts.last; port++) {
    for (const at of ip === undefined ? ['0.0.0.0', '::'] : [ip]) {
      yield { protocol, ip: at, port }
    }
  }
}

/** Parts of a range of this size, from `start` on and then from the beginning. */
function* windows(
  { first, last }: PortRange,
  size: number,
  start: number,
): Generator<PortRange> {
  const count = last - first + 2 - size
  if (count < 1) return
  const offset = start >= first && start < first + count ? start - first : 0
  for (let step = 0; step < count; step++) {
    const from = first + ((offset + step) % count)
    yield { first: from, last: from + size - 1 }
  }
}

function overlap(a: PublishedPort, b: PublishedPort): boolean {
  return (
    a.protocol === b.protocol &&
    a.hostPorts.first <= b.hostPorts.last &&
    b.hostPorts.first <= a.hostPorts.last &&
    shareAddress(a.ip, b.ip)
  )
}

function shareAddress(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true
  if (ipVersion(a) !== ipVersion(b)) return false
  return [a, b].some((ip) => ip === '0.0.0.0' || ip === '::')
}

function hostText({ hostPorts, protocol }: PublishedPort): string {
  return `${rangeText(hostPorts)}/${protocol}`
}
