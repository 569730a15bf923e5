import { isIp } from '../../net/ip.js'
import { errors } from '../../base/errors.js'

const MAX_LABEL = 63
const MAX_NAME = 253

/**
 * A name as records have it: in lower case, without the dot of the root.
 * Throws DNS_NAME_INVALID.
 */
export function recordName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '')
  const isValid =
    name.length <= MAX_NAME &&
    name
      .split('.')
      .every(
        (label) =>
          label.length <= MAX_LABEL && /^[a-z0-9_][a-z0-9_-]*$/.test(label),
      )
  if (!isValid || isIp(name)) throw errors.DNS_NAME_INVALID(text)
  return name
}
