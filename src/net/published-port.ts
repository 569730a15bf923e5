import { isIp } from './ip.js'

/** `[ip:]host:container[/protocol]`; ports may be ranges. */
const form =
  /^(?:(?<ip>\[[^\]]+\]|[^:[\]]+):)?(?<host>\d+(?:-\d+)?):(?<container>\d+(?:-\d+)?)(?:\/(?:tcp|udp|sctp))?$/

/**
 * What is wrong with a published port in Docker's notation
 * `[ip:]host:container[/tcp|udp|sctp]`, as a sentence; null when nothing is.
 */
export function publishedPortProblem(text: string): string | null {
  const groups = form.exec(text)?.groups
  if (!groups) {
    return 'Expected [ip:]host:container[/tcp|udp|sctp], as in 8080:80.'
  }
  const { ip, host = '', container = '' } = groups
  if (ip !== undefined && !isIp(ip.replace(/^\[|\]$/g, ''))) {
    return `${ip} is not an address.`
  }
  const wrong = [host, container].find((range) => rangeLength(range) === null)
  if (wrong !== undefined) {
    return `${wrong} is not a port or a range of ports from 1 to 65535.`
  }
  return rangeLength(host) === rangeLength(container)
    ? null
    : `The ranges ${host} and ${container} differ in length.`
}

/** `8000-8010` -> 11; null when it is no range of ports. */
function rangeLength(range: string): number | null {
  const [first = 0, last = first] = range.split('-').map(Number)
  const valid = first >= 1 && last <= 65535 && first <= last
  return valid ? last - first + 1 : null
}
