import { addressOf, cidrContains, withPrefix } from '../net/cidr.js'
import { canonicalIp } from '../net/ip.js'
import type { Endpoint, Network } from '../store/records.js'
import { Holders } from './holders.js'

export type ZoneMember = Pick<Endpoint, 'id' | 'name' | 'aliases' | 'addresses'>

/**
 * The gateway's own name. It cannot be a container's: those begin with a
 * letter or a digit. systemd-resolved gives the default gateway the same name.
 */
export const GATEWAY_NAME = '_gateway'

const MAX_LABEL = 63
const MAX_NAME = 253

/**
 * The names of one network: `name` and `name.<network>` of every endpoint and
 * alias, without regard to case, and back from addresses to `name.<network>`.
 * Names that DNS cannot carry are left out (RFC 1035 section 2.3.4).
 */
export class Zone {
  /** The network's name as it was given. */
  readonly network: string
  readonly #subnets: readonly string[]
  readonly #members = new Map<string, ZoneMember>()
  readonly #addresses = new Holders<readonly string[]>()
  readonly #names = new Holders<string>()

  constructor({ name, subnets }: Pick<Network, 'name' | 'subnets'>) {
    this.network = name
    this.#subnets = subnets.map(({ subnet }) => subnet)
    this.put({
      id: GATEWAY_NAME,
      name: GATEWAY_NAME,
      aliases: [],
      addresses: subnets.map(({ subnet, gateway }) =>
        withPrefix(gateway, subnet),
      ),
    })
  }

  /** Adds a member, or replaces what it was. */
  put(member: ZoneMember): void {
    this.remove(member.id)
    this.#members.set(member.id, member)
    const addresses = member.addresses.map(addressOf)
    for (const name of this.#spellings(member)) {
      this.#addresses.put(name, member.id, addresses)
    }
    const pointer = `${member.name}.${this.network}`
    if (!isDnsName(pointer)) return
    for (const ip of addresses) this.#names.put(ip, member.id, pointer)
  }

  /** Does nothing when there is no such member. */
  remove(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    for (const name of this.#spellings(member)) {
      this.#addresses.remove(name, id)
    }
    for (const cidr of member.addresses) this.#names.remove(addressOf(cidr), id)
  }

  /** Addresses of all members with this name; undefined when nobody has it. */
  addresses(name: string): readonly string[] | undefined {
    const key = name.toLowerCase()
    if (!this.#addresses.has(key)) return undefined
    return [...new Set(this.#addresses.values(key).flat())]
  }

  /** `name.<network>` of every member with this address. */
  names(ip: string): readonly string[] {
    return this.#names.values(canonicalIp(ip))
  }

  /** True for the network's name and everything below it. */
  contains(name: string): boolean {
    const [inner, outer] = [name.toLowerCase(), this.network.toLowerCase()]
    return inner === outer || inner.endsWith(`.${outer}`)
  }

  /** True for the addresses of the network's subnets. */
  covers(ip: string): boolean {
    return this.#subnets.some((subnet) => cidrContains(subnet, ip))
  }

  #spellings({ name, aliases }: ZoneMember): string[] {
    return [name, ...aliases]
      .flatMap((short) => [short, `${short}.${this.network}`])
      .filter(isDnsName)
      .map((spelling) => spelling.toLowerCase())
  }
}

function isDnsName(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_NAME) return false
  return name.split('.').every((label) => {
    const length = Buffer.byteLength(label)
    return length >= 1 && length <= MAX_LABEL
  })
}
