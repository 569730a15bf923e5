import { isIp } from '../../../net/ip.js'
import { errors } from '../../../base/errors.js'

/** An address to measure, with the name it has in tables. */
export interface Target {
  readonly name: string
  readonly address: string
  /** Namespace to send from, as the user wrote it; absent for the command's own. */
  readonly netns?: string
}

/**
 * Of `[NAME=]ADDRESS...` and `--netns [NAME=]TARGET...`, where a TARGET without
 * a name is meant for all that have none of their own. Throws USAGE.
 */
export function parseTargets(
  words: readonly string[],
  netns: readonly string[],
): Target[] {
  const named = words.map(parseTarget)
  named.forEach(({ name }, index) => {
    if (named.findIndex((other) => other.name === name) !== index) {
      throw usage(`two addresses are named ${name}`)
    }
  })
  const names = named.map(({ name }) => name)
  const namespaces = parseNamespaces(netns, names)
  return named.map(({ name, address }) => {
    const own = namespaces.get(name) ?? namespaces.get(everybody)
    return { name, address, ...(own !== undefined && { netns: own }) }
  })
}

/** No name of a target is empty. */
const everybody = ''

function parseTarget(word: string): Target {
  const [, name, address = ''] = /^(?:([^=]+)=)?(.*)$/.exec(word) ?? []
  if (isIp(address)) return { name: name ?? address, address }
  throw usage(`not an address: ${word}`)
}

/** What is before `=` is a name only if a target has it: paths may hold `=`. */
function parseNamespaces(
  words: readonly string[],
  names: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const word of words) {
    const name = names.find((one) => word.startsWith(`${one}=`)) ?? everybody
    if (found.has(name)) {
      throw usage(`two of --netns for ${name === everybody ? 'all' : name}`)
    }
    found.set(name, name === everybody ? word : word.slice(name.length + 1))
  }
  return found
}

function usage(problem: string): Error {
  return errors.USAGE(
    problem,
    'write [NAME=]ADDRESS, and --netns [NAME=]TARGET: overtap bench underlay=192.168.56.128 overlay=10.0.0.3 --netns overlay=bbox1',
  )
}
