import { addressOf, cidrContains, withPrefix } from '../net/cidr.js'
import { canonicalIp, ipVersion } from '../net/ip.js'
import type { DnsRecord, Endpoint, Network } from '../store/records.js'
import { Holders } from './holders.js'
import { portsAsked } from './published.js'
import type { ServiceName } from './service-name.js'

export type ZoneMember = Pick<
  Endpoint,
  'id' | 'name' | 'aliases' | 'addresses'
> &
  Partial<Pick<Endpoint, 'host' | 'hostname' | 'publish'>>

/** Docker's: `docker ps` shows as many digits of an id. */
const SHORT_ID = 12

/** What one holder has under a name. */
interface Entry {
  readonly addresses: readonly string[]
  /** Where it runs; undefined when it runs nowhere. */
  readonly host: string | undefined
  /** `name.<network>`, for what leads to it. */
  readonly fullName: string
  readonly publish: readonly string[]
}

/** Who has a name. */
export interface Holder {
  /** `name.<network>` */
  readonly name: string
  /** Undefined for a name given by hand. */
  readonly host: string | undefined
  readonly addresses: readonly string[]
  /** It is on a suspect host, and others have the name. */
  readonly isLeftOut: boolean
}

/** A port of a container. */
export interface Service {
  /** The container's `name.<network>`. */
  readonly target: string
  readonly port: number
  readonly addresses: readonly string[]
}

/**
 * The gateway's own name. It cannot be a container's: those begin with a
 * letter or a digit. systemd-resolved gives the default gateway the same name.
 */
export const GATEWAY_NAME = '_gateway'

const MAX_LABEL = 63
const MAX_NAME = 253

/**
 * The names of one network: `name` and `name.<network>` of every endpoint, its
 * aliases, host name and short id, without regard to case, and back from
 * addresses to `name.<network>`. Names that DNS cannot carry are left out
 * (RFC 1035 section 2.3.4).
 */
export class Zone {
  /** The network's name as it was given. */
  readonly network: string
  readonly #subnets: readonly string[]
  readonly #members = new Map<string, ZoneMember>()
  readonly #entries = new Holders<Entry>()
  readonly #names = new Holders<string>()
  readonly #isSuspect: (host: string) => boolean

  /**
   * @param isSuspect whether a host is late with its sign of life: what runs
   * there may be gone
   */
  constructor(
    { name, subnets }: Pick<Network, 'name' | 'subnets'>,
    isSuspect: (host: string) => boolean = () => false,
  ) {
    this.network = name
    this.#isSuspect = isSuspect
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
    const fullName = `${member.name}.${this.network}`
    const { host, publish = [] } = member
    const entry: Entry = { addresses, host, fullName, publish }
    for (const name of this.#spellings(member)) {
      this.#entries.put(name, member.id, entry)
    }
    if (!isDnsName(fullName)) return
    for (const ip of addresses) this.#names.put(ip, member.id, fullName)
  }

  /** A name given by hand: one more that has it, if containers have it, too. */
  putRecord({ name, addresses }: Pick<DnsRecord, 'name' | 'addresses'>): void {
    const hosts = addresses.map(
      (ip) => `${ip}/${ipVersion(ip) === 4 ? 32 : 128}`,
    )
    this.put({ id: recordId(name), name, aliases: [], addresses: hosts })
  }

  removeRecord({ name }: Pick<DnsRecord, 'name'>): void {
    this.remove(recordId(name))
  }

  /** Does nothing when there is no such member. */
  remove(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    for (const name of this.#spellings(member)) {
      this.#entries.remove(name, id)
    }
    for (const cidr of member.addresses) this.#names.remove(addressOf(cidr), id)
  }

  /**
   * Addresses of all members with this name; undefined when nobody has it. Those
   * on suspect hosts are left out while there are others.
   */
  addresses(name: string): readonly string[] | undefined {
    const chosen = this.#chosen(name)
    if (chosen.length === 0) return undefined
    return [...new Set(chosen.flatMap(({ addresses }) => addresses))]
  }

  /** Everybody with this name, those that are left out as well. */
  holders(name: string): readonly Holder[] {
    const chosen = this.#chosen(name)
    return this.#entries.values(name.toLowerCase()).map((entry) => ({
      name: entry.fullName,
      host: entry.host,
      addresses: entry.addresses,
      isLeftOut: !chosen.includes(entry),
    }))
  }

  /** Ports that those with a name publish; undefined when nobody has it. */
  services(asked: ServiceName): readonly Service[] | undefined {
    const chosen = this.#chosen(asked.host)
    if (chosen.length === 0) return undefined
    return chosen
      .filter(({ fullName }) => isDnsName(fullName))
      .flatMap(({ fullName: target, publish, addresses }) =>
        portsAsked(publish, asked).map((port) => ({ target, port, addresses })),
      )
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

  #chosen(name: string): readonly Entry[] {
    const entries = this.#entries.values(name.toLowerCase())
    const sure = entries.filter(({ host }) => !this.#doubts(host))
    return sure.length > 0 ? sure : entries
  }

  #doubts(host: string | undefined): boolean {
    return host !== undefined && this.#isSuspect(host)
  }

  #spellings({ id, name, hostname, aliases }: ZoneMember): string[] {
    return [name, hostname ?? name, shortId(id) ?? name, ...aliases]
      .flatMap((short) => [short, `${short}.${this.network}`])
      .filter(isDnsName)
      .map((spelling) => spelling.toLowerCase())
  }
}

/** Undefined for what is no endpoint. */
function shortId(id: string): string | undefined {
  return /^[0-9a-f]+$/.test(id) ? id.slice(0, SHORT_ID) : undefined
}

/** No endpoint has such an id. */
function recordId(name: string): string {
  return `/${name}`
}

function isDnsName(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_NAME) return false
  return name.split('.').every((label) => {
    const length = Buffer.byteLength(label)
    return length >= 1 && length <= MAX_LABEL
  })
}
