import { InvalidArgumentError } from 'commander'
import ipaddr from 'ipaddr.js'

const form =
  /^(?:(?<ip>\[[^\]]+\]|[^:[\]]+):)?(?<host>\d+(?:-\d+)?):(?<container>\d+(?:-\d+)?)(?:\/(?<proto>tcp|udp|sctp))?$/

/** Checks `[ip:]host:container[/proto]`, Docker's notation, ranges included. */
export function publishedPort(text: string): string {
  const groups = form.exec(text)?.groups
  if (!groups) {
    throw new InvalidArgumentError(
      'Expected [ip:]host:container[/tcp|udp|sctp], as in 8080:80.',
    )
  }
  const { ip, host = '', container = '' } = groups
  if (ip !== undefined && !ipaddr.isValid(ip.replaceAll(/[[\]]/g, ''))) {
    throw new InvalidArgumentError(`${ip} is not an address.`)
  }
  if (rangeLength(host) !== rangeLength(container)) {
    throw new InvalidArgumentError(
      `The ranges ${host} and ${container} differ in length.`,
    )
  }
  return text
}

/** `8000-8010` -> 11 */
function rangeLength(range: string): number {
  const [first = 0, last = first] = range.split('-').map(Number)
  if (first < 1 || last > 65535 || last < first) {
    throw new InvalidArgumentError(
      `${range} is not a port or a range of ports from 1 to 65535.`,
    )
  }
  return last - first + 1
}
