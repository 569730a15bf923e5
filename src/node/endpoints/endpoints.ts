import { randomBytes } from 'node:crypto'
import { errors, isOvertapError } from '../../base/errors.js'
import type { PortId } from '../../engine/engine.js'
import type { Network } from '../../store/records.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import { findNetworkNow } from '../network-lookup.js'
import { Serialised } from '../serialised.js'
import { withUndo } from '../undo.js'
import type {
  ConnectRequest,
  EndpointUseCases,
  EndpointView,
} from '../use-cases.js'
import { attach } from './attach.js'
import { deleteRecord, detach, takeDown } from './detach.js'
import type { EndpointParts } from './parts.js'
import { reconcile } from './reconcile.js'
import { checkConnectRequest } from './request.js'

/**
 * Containers on networks. Changes to one namespace are made one after the
 * other, since two must not choose the same interface name.
 */
export class Endpoints implements EndpointUseCases {
  readonly #parts: EndpointParts
  readonly #serialised = new Serialised()
  /** Ids of endpoints being connected; their records are nobody's leftovers. */
  readonly #connecting = new Set<string>()

  constructor(parts: EndpointParts) {
    this.#parts = parts
  }

  list(): readonly EndpointView[] {
    const { view } = this.#parts
    return [...view.networks.values()]
      .flatMap(({ value: network }) =>
        [...view.endpoints(network.id).values()].map(({ value }) => ({
          endpoint: value,
          network,
        })),
      )
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  }

  async connect(request: ConnectRequest): Promise<EndpointView> {
    const { system, log } = this.#parts
    checkConnectRequest(request)
    const network = await this.#findNetwork(request.network)
    const namespace = await system.namespaces.resolve(request.target)
    const id = randomBytes(32).toString('hex')
    const fields = { network: network.value.name, netns: namespace.path }
    this.#connecting.add(id)
    try {
      const endpoint = await this.#serialised.run(namespace.identity, () =>
        withUndo(log, fields, (undo) =>
          attach({ id, request, network, namespace }, this.#parts, undo),
        ),
      )
      const { name, interface: ifname } = endpoint
      if (endpoint.publish.length > 0) {
        log.warn(
          { ...fields, endpoint: name },
          'published ports are recorded, but this version does not open them',
        )
      }
      log.info({ ...fields, endpoint: name, interface: ifname }, 'connected')
      return { endpoint, network: network.value }
    } finally {
      this.#connecting.delete(id)
    }
  }

  async disconnect(reference: string, target: string): Promise<EndpointView> {
    const { log } = this.#parts
    const network = (await this.#findNetwork(reference)).value
    const identity = (await this.#find(network, target)).namespace.identity
    return this.#serialised.run(identity, async () => {
      const attachment = await this.#find(network, target)
      const { endpoint } = attachment
      await deleteRecord(attachment, this.#parts)
      const problems = await takeDown(attachment, this.#parts)
      if (problems.length > 0) {
        const what = `disconnecting ${target} from ${network.name}`
        throw errors.CLEANUP_INCOMPLETE(what, problems)
      }
      log.info(
        { network: network.name, endpoint: endpoint.name },
        'disconnected',
      )
      return { endpoint, network }
    })
  }

  /** Takes over or releases what an earlier daemon of this host left. */
  async reconcile(): Promise<void> {
    await this.#parts.writer.catchUp()
    await reconcile(this.#parts, (id) => this.#connecting.has(id))
  }

  /** The device of a port is gone. */
  async portLost(port: PortId): Promise<void> {
    const attachment = this.#parts.attachments.ofPort(port)
    if (attachment !== undefined) await this.#lose(attachment)
  }

  /** A namespace is gone, and with it its container. */
  async namespaceGone(namespace: Namespace): Promise<void> {
    for (const attachment of this.#parts.attachments.ofNamespace(namespace)) {
      await this.#lose(attachment)
    }
  }

  /** Disconnects every container of this host; goes on past failures. */
  async releaseAll(): Promise<void> {
    const problems: string[] = []
    for (const attachment of this.#parts.attachments.all()) {
      problems.push(...(await detach(attachment, this.#parts)))
    }
    if (problems.length > 0) {
      throw errors.CLEANUP_INCOMPLETE('disconnecting all containers', problems)
    }
  }

  /** Unless it was disconnected while this had to wait. */
  #lose(attachment: Attachment): Promise<void> {
    const { attachments, log } = this.#parts
    const { endpoint, network, namespace } = attachment
    return this.#serialised.run(namespace.identity, async () => {
      if (attachments.get(endpoint.id) !== attachment) return
      log.warn(
        { network: network.name, endpoint: endpoint.name },
        'container is gone; disconnecting it',
      )
      await detach(attachment, this.#parts)
    })
  }

  #findNetwork(reference: string) {
    const { view, writer } = this.#parts
    return findNetworkNow(view, () => writer.catchUp(), reference)
  }

  /**
   * The attachment of a namespace, by any way that leads to it. One that no
   * longer exists is found by what it was called when it was connected.
   */
  async #find(network: Network, target: string): Promise<Attachment> {
    const { attachments, system, view } = this.#parts
    const present = attachments.ofNetwork(network.id)
    const namespace = await system.namespaces
      .resolve(target)
      .catch((error: unknown) => {
        if (isOvertapError(error)) return undefined
        throw error
      })
    const found =
      present.find((one) => one.namespace.identity === namespace?.identity) ??
      present.find(({ endpoint }) => isCalled(endpoint, target))
    if (found !== undefined) return found
    const elsewhere = [...view.endpoints(network.id).values()]
      .filter(({ value }) => isCalled(value, target))
      .map(({ value }) => value.host)
    throw errors.ENDPOINT_NOT_FOUND(target, network.name, elsewhere)
  }
}

function isCalled(
  endpoint: { target: string; name: string; netns: string },
  text: string,
): boolean {
  return [endpoint.target, endpoint.name, endpoint.netns].includes(text)
}

function sortKey({ network, endpoint }: EndpointView): string {
  return `${network.name}/${endpoint.name}`
}
