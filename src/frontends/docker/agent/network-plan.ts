import type { Network } from '../../../store/records.js'
import { idKey } from './network-body.js'
import type { DriverNetwork } from '../../../node/driver/use-cases.js'
import type { DockerNetwork } from './schema.js'

/** Docker's networks of our driver, beside those of the cluster. */
export interface Situation {
  readonly cluster: readonly Network[]
  readonly local: readonly DockerNetwork[]
  readonly mapped: readonly DriverNetwork[]
  /**
   * What Docker had since we are connected to it, by the id in the cluster: one
   * that it has no longer was removed by somebody.
   */
  readonly seen: ReadonlyMap<string, string>
}

export type Step =
  /** The cluster is to know its name. */
  | { readonly do: 'publish'; readonly local: DockerNetwork }
  /** It is none of the cluster's, and is made again as one if it is there. */
  | { readonly do: 'remove'; readonly local: DockerNetwork }
  /** Nobody knows what it is. */
  | { readonly do: 'leave'; readonly local: DockerNetwork }
  /** Somebody removed it here. */
  | { readonly do: 'withdraw'; readonly network: Network }
  /** It is missing here. */
  | { readonly do: 'create'; readonly network: Network }

export interface Plan {
  readonly steps: readonly Step[]
  /** What is as it should be: id in the cluster -> id in Docker. */
  readonly present: ReadonlyMap<string, string>
}

/** What is to be done so that Docker here has the networks of the cluster. */
export function planNetworks(situation: Situation): Plan {
  const present = new Map<string, string>()
  const steps: Step[] = []
  for (const local of situation.local) {
    const found = judge(local, situation)
    if (typeof found === 'string') present.set(found, local.Id)
    else steps.push(found)
  }
  const taken = new Set(
    steps.flatMap((step) => ('local' in step ? step.local.Name : [])),
  )
  for (const network of situation.cluster) {
    // One of the same name must go or be published first.
    if (present.has(network.id) || taken.has(network.name)) continue
    if (isProvisional(network.name)) continue
    const isRemoved = situation.seen.has(network.id)
    steps.push({ do: isRemoved ? 'withdraw' : 'create', network })
  }
  return { steps, present }
}

/** Its id in the cluster when all is well, or what is to be done. */
function judge(
  local: DockerNetwork,
  { mapped, cluster }: Situation,
): string | Step {
  const known = mapped.find(({ dockerId }) => dockerId === local.Id)
  if (known?.isUnnamed) return { do: 'publish', local }
  if (known !== undefined) {
    const isThere = cluster.some(({ id }) => id === known.network)
    return isThere ? known.network : { do: 'remove', local }
  }
  // The driver has lost it, with its journal.
  const namesake = cluster.find(({ name }) => name === local.Name)
  if (namesake !== undefined) {
    const do_ = hasSubnetsOf(namesake, local) ? 'publish' : 'remove'
    return { do: do_, local }
  }
  return { do: idKey in local.Labels ? 'remove' : 'leave', local }
}

function hasSubnetsOf({ subnets }: Network, { IPAM }: DockerNetwork): boolean {
  const theirs = new Set(IPAM.Config.map(({ Subnet }) => Subnet))
  return subnets.every(({ subnet }) => theirs.has(subnet))
}

/** Made by Docker on some host, whose agent is about to tell its name. */
function isProvisional(name: string): boolean {
  return /^docker-[0-9a-f]{12}$/.test(name)
}
