import type { RedisTarget } from './redis-url.js'

/** What ioredis says when it has no better reason. */
const noReason = 'Connection is closed.'

/**
 * Why a target cannot be reached, in words that name what was tried. ioredis
 * speaks of its own options where several addresses were tried in vain.
 */
export function connectFailure(target: RedisTarget, error: Error): Error {
  const problem = problemOf(target, error.message)
  return problem === undefined ? error : new Error(problem, { cause: error })
}

function problemOf(target: RedisTarget, message: string): string | undefined {
  if (target.kind === 'sentinel') {
    const [, last = ''] =
      /^All sentinels are unreachable.*?(?: Last error: (.*))?$/.exec(
        message,
      ) ?? []
    if (last === '' && message !== noReason) return undefined
    const reason = last === noReason || last === '' ? '' : `: ${last}`
    return `no Sentinel at ${addresses(target)} leads to the master ${target.master ?? ''}${reason}`
  }
  const isVague =
    message === noReason || /failed to refresh slots cache/i.test(message)
  if (target.kind !== 'cluster' || !isVague) return undefined
  return `no node of the Cluster answers at ${addresses(target)}`
}

function addresses({ hosts }: RedisTarget): string {
  return hosts.map(({ host, port }) => `${host}:${port}`).join(', ')
}
