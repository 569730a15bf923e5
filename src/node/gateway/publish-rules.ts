import type { GatewayState } from './state.js'

/** What published ports need, in the language of `nft`, by where it belongs. */
export interface PublishRules {
  /** Sets, maps and chains of their own: what stands beside other chains. */
  readonly definitions: readonly string[]
  /** Rules of the chain `sources` (prerouting, before conntrack). */
  readonly sources: readonly string[]
  /** Rules of the chain `forward`, before the others. */
  readonly forward: readonly string[]
  /** Rules of the chain `outside` (postrouting, source NAT), before the others. */
  readonly outside: readonly string[]
}

/** Pure. */
export function publishRules(state: GatewayState): PublishRules {
  // Not made yet: published ports are recorded only.
  const none = state.containers.flatMap(() => [])
  return { definitions: none, sources: none, forward: none, outside: none }
}
