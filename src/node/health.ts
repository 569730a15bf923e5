import { isOvertapError } from '../base/errors.js'
import type { ClusterView } from '../store/cluster-view.js'
import type { Digests, Store } from '../store/store.js'
import type { Attachments } from './attachments.js'
import type { EventLog } from './events/event-log.js'
import type { Gateway, GatewayStatus } from './gateway/gateway.js'
import type { HostFinding } from './gateway/host-findings.js'
import type { Registration } from './registration.js'
import type { HostView, HostUseCases, NodeHealth } from './use-cases.js'

export interface HealthParts {
  readonly host: string
  readonly store: Store
  readonly view: Pick<ClusterView, 'settlesInMs'>
  readonly attachments: Attachments
  readonly events: EventLog
  readonly gateway: Pick<Gateway, 'status' | 'surroundings'>
  readonly registration: Pick<Registration, 'isHolder'>
}

const shownEvents = 5

/** What the store says of the cluster; null when it cannot be asked. */
interface Answers {
  /** How long this host's lease lasts yet; undefined when it has none. */
  readonly ownMs: number | undefined
  /** Address of another daemon that has this host's name. */
  readonly rival: string | undefined
  readonly hosts: readonly HostView[]
  readonly endpoints: number
}

/** Is it well, and if not, why? Answers while the store is away, too. */
export async function nodeHealth(
  parts: HealthParts,
  hosts: HostUseCases,
): Promise<NodeHealth> {
  const answers = await ask(parts, hosts)
  const { settlesInMs } = parts.view
  return {
    problems: [
      ...storeProblems(answers, settlesInMs),
      ...(answers === null ? [] : leaseProblems(answers)),
      ...isolated(parts.attachments),
      ...gatewayProblems(parts.gateway.status()),
      ...(await parts.gateway.surroundings.findings()).map(findingText),
    ],
    leaseMs: answers?.ownMs ?? null,
    settlesInMs,
    endpoints: answers?.endpoints ?? null,
    hosts: answers && countHosts(answers.hosts),
    events: parts.events.latest(shownEvents),
  }
}

async function ask(
  { host, store, registration }: HealthParts,
  hosts: HostUseCases,
): Promise<Answers | null> {
  try {
    const [leases, views, digests] = await Promise.all([
      store.leases(),
      hosts.list(),
      store.digests(),
    ])
    const named = leases.find((lease) => lease.host === host)
    const isOwn = named !== undefined && registration.isHolder(named)
    return {
      ownMs: isOwn ? named.remainingMs : undefined,
      rival: isOwn ? undefined : named?.address,
      hosts: views,
      endpoints: countEndpoints(digests),
    }
  } catch (error) {
    if (isOvertapError(error, 'STORE_UNAVAILABLE')) return null
    throw error
  }
}

function storeProblems(answers: Answers | null, settlesInMs: number): string[] {
  return [
    ...(answers === null
      ? ['the store is away: traffic goes on, changes are refused']
      : []),
    ...(settlesInMs > 0
      ? [
          `the store lost data: nothing new is given for ${seconds(settlesInMs)}`,
        ]
      : []),
  ]
}

function leaseProblems({ ownMs, rival, hosts }: Answers): string[] {
  return [
    ...(ownMs === undefined ? ['this host has no lease'] : []),
    ...(rival === undefined ? [] : [`${rival} has the name of this host`]),
    ...(ownMs !== undefined && ownMs <= 0
      ? [`the lease of this host ended ${seconds(-ownMs)} ago`]
      : []),
    ...hosts
      .filter(({ self, health }) => !self && health !== 'up')
      .map(({ name, health }) => `${name} is ${health}`),
  ]
}

function isolated(attachments: Attachments): string[] {
  return attachments
    .all()
    .filter(({ standing }) => standing === 'isolated')
    .map(
      ({ endpoint, network }) =>
        `${endpoint.name} on ${network.name} is isolated`,
    )
}

function findingText({ problem, remedy }: HostFinding): string {
  return `${problem} (${remedy})`
}

function gatewayProblems({ state, reason }: GatewayStatus): string[] {
  return state === 'unavailable'
    ? [`containers have no way outside: ${reason}`]
    : []
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}

function countEndpoints({ collections }: Digests): number {
  return collections
    .filter(({ collection }) => collection.startsWith('endpoint/'))
    .reduce((sum, { count }) => sum + count, 0)
}

function countHosts(hosts: readonly HostView[]): NodeHealth['hosts'] {
  const count = (health: HostView['health']): number =>
    hosts.filter((host) => host.health === health).length
  return { up: count('up'), suspect: count('suspect'), dead: count('dead') }
}
