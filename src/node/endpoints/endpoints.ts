import { randomBytes } from 'node:crypto'
import { errors, isOvertapError } from '../../base/errors.js'
import type { PortId } from '../../engine/engine.js'
import type { Endpoint, Network } from '../../store/records.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import { findNetworkNow, networksAsked } from '../network-lookup.js'
import type { Rival } from '../ownership/restoration.js'
import { Serialised } from '../../base/serialised.js'
import { withUndo } from '../undo.js'
import type {
  ConnectRequest,
  EndpointUseCases,
  EndpointView,
} from '../use-cases.js'
import { attach } from './attach.js'
import { beginLeaving, deleteRecord, detach, stay, takeDown } from './detach.js'
import { isolate } from './isolate.js'
import type { EndpointParts } from './parts.js'
import { reconcile } from './reconcile.js'
import { rejoin } from './rejoin.js'
import { checkConnectRequest } from './request.js'
import { leaveTap } from './tap.js'

/** Networks that a reference may mean, the likeliest first. */
type Candidates = readonly [Network, ...Network[]]

/**
 * Containers on networks. Changes to one namespace are made one after the
 * other, since two must not choose the same interface name.
 */
export class Endpoints implements EndpointUseCases {
  readonly #parts: EndpointParts
  readonly #serialised = new Serialised()
  readonly #reconciling = new Serialised()
  /** It began, or failed, and has not been done since. */
  #isOwed = false
  /** Ids of endpoints that come or go just now: they are nobody's leftovers. */
  readonly #busy = new Set<string>()

  constructor(parts: EndpointParts) {
    this.#parts = parts
  }

  async list(reference?: string): Promise<readonly EndpointView[]> {
    const { view, rows } = this.#parts
    const networks = networksAsked(view, reference)
    const found = this.#isolated().filter(
      ({ network: { id, name } }) =>
        reference === undefined ||
        networks.some((asked) => asked.id === id || asked.name === name),
    )
    for await (const [network, some] of rows.ofEach(networks)) {
      for (const { value: endpoint } of some.endpoints(network.id).values()) {
        found.push(this.#view(endpoint, network))
      }
    }
    return found.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  }

  #view(endpoint: Endpoint, network: Network): EndpointView {
    const { attachments, gateway } = this.#parts
    const namespace = attachments.get(endpoint.id)?.namespace
    const way = namespace && gateway.viewOf(namespace)
    return { endpoint, network, ...(way && { gateway: way }) }
  }

  /** They have no record: others do not know of them. */
  #isolated(): EndpointView[] {
    return this.#parts.attachments
      .all()
      .filter(({ standing }) => standing === 'isolated')
      .map(({ endpoint, network }) => ({ endpoint, network, isolated: true }))
  }

  async connect(request: ConnectRequest): Promise<EndpointView> {
    const { system, log, membership } = this.#parts
    checkConnectRequest(request)
    const network = await this.#findNetwork(request.network)
    const namespace = await system.namespaces.resolve(request.target)
    const id = randomBytes(32).toString('hex')
    const fields = { network: network.value.name, netns: namespace.path }
    this.#busy.add(id)
    try {
      const endpoint = await membership.during(network.value.id, () =>
        this.#serialised.run(namespace.identity, () =>
          withUndo(log, fields, (undo) =>
            attach({ id, request, network, namespace }, this.#parts, undo),
          ),
        ),
      )
      const { name, interface: ifname } = endpoint
      log.info({ ...fields, endpoint: name, interface: ifname }, 'connected')
      return this.#view(endpoint, network.value)
    } finally {
      this.#busy.delete(id)
    }
  }

  async disconnect(reference: string, target: string): Promise<EndpointView> {
    const { log } = this.#parts
    const networks = await this.#networksToLeave(reference)
    const { identity } = (await this.#find(networks, target)).namespace
    return this.#serialised.run(identity, async () => {
      const attachment = await this.#find(networks, target)
      const { endpoint, network } = attachment
      if (endpoint.driver) {
        throw errors.ENDPOINT_OF_DOCKER(endpoint.name, network.name)
      }
      await this.#leave(attachment)
      const problems = await this.#going(attachment, takeDown)
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

  /**
   * Takes over or releases what an earlier daemon of this host left, and what
   * could not be done while the store was away. What fails is done by `tidy`.
   */
  reconcile(): Promise<void> {
    const { membership, writer } = this.#parts
    this.#isOwed = true
    // Two at once would both take over the same container.
    return this.#reconciling.run('', async () => {
      this.#isOwed = false
      try {
        await membership.resume()
        await writer.catchUp()
        await reconcile(this.#parts, (id) => this.#busy.has(id))
        await membership.leaveAllUnused()
      } catch (error) {
        this.#isOwed = true
        throw error
      }
    })
  }

  /** To be called now and then: does what was left undone. */
  async tidy(): Promise<void> {
    if (this.#isOwed) await this.reconcile()
    else await this.#parts.membership.tidy()
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

  /** Runs a task while nothing else changes in the attachment's namespace. */
  exclusively<T>(
    { namespace }: Pick<Attachment, 'namespace'>,
    task: () => Promise<T>,
  ): Promise<T> {
    return this.#serialised.run(namespace.identity, task)
  }

  /** Takes a container off whose address is another's. */
  isolate(attachment: Attachment, rival: Rival): Promise<void> {
    return isolate(attachment, rival, this.#parts)
  }

  /** Takes an isolated one back. */
  rejoin(attachment: Attachment): Promise<void> {
    return rejoin(attachment, this.#parts)
  }

  /**
   * Disconnects every container of this host, or with `keep` leaves all as it
   * is for the next daemon; goes on past failures.
   */
  async releaseAll(): Promise<void> {
    const { attachments, config, membership } = this.#parts
    const problems: string[] = []
    if (config.keep) {
      for (const one of attachments.all()) await leaveTap(one, this.#parts)
      return
    }
    for (const attachment of attachments.all()) {
      // Docker does not know that we stop, and its containers do not either.
      if (attachment.endpoint.driver) await leaveTap(attachment, this.#parts)
      else problems.push(...(await detach(attachment, this.#parts)))
    }
    await membership.leaveAllUnused()
    if (problems.length > 0) {
      throw errors.CLEANUP_INCOMPLETE('disconnecting all containers', problems)
    }
  }

  /** Its addresses are somebody's, though nobody is attached: see `reconcile`. */
  hold(id: string): void {
    this.#busy.add(id)
  }

  letGo(id: string): void {
    this.#busy.delete(id)
  }

  /** Detaches a container; resolves to what failed, which `reconcile` does. */
  release(attachment: Attachment): Promise<string[]> {
    return this.#going(attachment, detach)
  }

  /** Its container is gone. */
  lose(attachment: Attachment): Promise<void> {
    return this.#lose(attachment)
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
      await this.#going(attachment, detach)
    })
  }

  /** Deletes the record; when that is impossible nothing has changed. */
  async #leave(attachment: Attachment): Promise<void> {
    const { standing } = attachment
    await beginLeaving(attachment, this.#parts)
    try {
      await deleteRecord(attachment, this.#parts)
    } catch (error) {
      await stay(attachment, standing, this.#parts)
      throw error
    }
  }

  async #going(
    attachment: Attachment,
    leave: typeof takeDown,
  ): Promise<string[]> {
    const { id, network } = attachment.endpoint
    this.#busy.add(id)
    try {
      return await leave(attachment, this.#parts)
    } finally {
      this.#busy.delete(id)
      await this.#parts.membership.leaveUnused(network)
    }
  }

  #findNetwork(reference: string) {
    const { view, writer } = this.#parts
    return findNetworkNow(view, () => writer.catchUp(), reference)
  }

  /** After the one that is meant, those whose name or VNI went to another. */
  async #networksToLeave(reference: string): Promise<Candidates> {
    const { view } = this.#parts
    const gone = this.#isolated()
      .map(({ network }) => network)
      .filter(
        ({ id, name }) =>
          !view.networks.has(id) && [id, name].includes(reference),
      )
    try {
      return [(await this.#findNetwork(reference)).value, ...gone]
    } catch (error) {
      const [first, ...rest] = gone
      if (first === undefined) throw error
      return [first, ...rest]
    }
  }

  /**
   * The attachment of a namespace, by any way that leads to it. One that no
   * longer exists is found by what it was called when it was connected.
   */
  async #find(networks: Candidates, target: string): Promise<Attachment> {
    const { attachments, system, rows } = this.#parts
    const present = networks.flatMap(({ id }) => attachments.ofNetwork(id))
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
    const [{ id, name }] = networks
    const others = await rows.of(id)
    const elsewhere = [...others.endpoints(id).values()]
      .filter(({ value }) => isCalled(value, target))
      .map(({ value }) => value.host)
    throw errors.ENDPOINT_NOT_FOUND(target, name, elsewhere)
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
