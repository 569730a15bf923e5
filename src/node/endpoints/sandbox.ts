import type { Endpoint } from '../../store/records.js'
import type { Namespace } from '../../system/system.js'

/** That of this daemon. */
export const hostNamespace = '/proc/self/ns/net'

/**
 * The namespace of a container of Docker. It is known by its path alone: when
 * Docker asks for the interface it may not be there yet.
 */
export function sandboxOf({
  netns,
  name,
}: Pick<Endpoint, 'netns' | 'name'>): Namespace {
  return { path: netns, identity: `sandbox:${netns}`, defaultName: name }
}

/**
 * What an interface is called in the host's namespace until Docker has moved
 * it: up to the kernel's 15 characters.
 */
export function hostLinkName(endpointId: string): string {
  return `ovt${endpointId.slice(0, 11)}`
}
