import type { Clock } from '../../../base/clock.js'
import type { Logger } from '../../../base/log.js'
import type { UseCases } from '../../../node/use-cases.js'
import type { DockerApi } from './docker-api.js'

/** What the agent asks of the node. */
export interface AgentNode {
  readonly networks: Pick<UseCases['networks'], 'list' | 'remove' | 'onChange'>
  readonly events: Pick<UseCases['events'], 'record'>
  readonly driver: Pick<
    UseCases['driver'],
    'networks' | 'deleteNetwork' | 'nameNetwork' | 'nameEndpoint'
  >
}

export interface AgentParts {
  readonly docker: DockerApi
  readonly node: AgentNode
  /** What Docker calls us: `overtap`. */
  readonly driver: string
  readonly clock?: Clock
  readonly log: Logger
}
