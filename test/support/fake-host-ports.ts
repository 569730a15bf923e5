import type {
  HeldPort,
  HostPort,
  HostPorts,
  PortRefusal,
} from '../../src/system/system.js'

/** Ports of a host as plain data: what is held, and who listens. */
export class FakeHostPorts implements HostPorts {
  /** `tcp 0.0.0.0 80`, in the order they were taken. */
  readonly held: string[] = []
  /** Process by `tcp 80`. */
  readonly listeners = new Map<string, string>()
  readonly foreignAddresses = new Set<string>()
  range = { first: 32_768, last: 60_999 }

  async hold(port: HostPort): Promise<HeldPort | PortRefusal> {
    const { protocol, ip, port: number } = port
    await Promise.resolve()
    const key = `${protocol} ${ip} ${number}`
    if (this.foreignAddresses.has(ip)) return { refused: 'not-local' }
    if (this.listeners.has(`${protocol} ${number}`) || this.held.includes(key))
      return { refused: 'in-use' }
    this.held.push(key)
    return { release: () => this.held.splice(this.held.indexOf(key), 1) }
  }

  user({ protocol, port }: HostPort): Promise<string | null> {
    return Promise.resolve(this.listeners.get(`${protocol} ${port}`) ?? null)
  }

  ephemeral() {
    return Promise.resolve(this.range)
  }
}
