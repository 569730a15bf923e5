import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Run } from './run.js'
import type { HeldPort, HostPort, HostPorts, PortRefusal } from './system.js'

const rangeFile = '/proc/sys/net/ipv4/ip_local_port_range'
/** The kernel's default. */
const defaultRange = { first: 32_768, last: 60_999 }

/** What the sockets of Node have in common. */
interface Socket {
  close(): unknown
  unref(): unknown
}

/**
 * With sockets of this process, as a proxy in front of the container would have
 * them: who wants the port finds it in use and `ss` says by whom. What reaches
 * them in spite of the rules of the gateway is turned away.
 */
export class LinuxHostPorts implements HostPorts {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async hold(port: HostPort): Promise<HeldPort | PortRefusal> {
    // Nobody can listen at SCTP here unless the kernel was told to; Node cannot.
    if (port.protocol === 'sctp') return { release: () => undefined }
    try {
      const socket =
        port.protocol === 'tcp' ? await listen(port) : await bind(port)
      socket.unref()
      return { release: () => void socket.close() }
    } catch (error) {
      return refusal(error as NodeJS.ErrnoException, port)
    }
  }

  async user({ protocol, port }: HostPort): Promise<string | null> {
    const kind = protocol === 'tcp' ? '--tcp' : '--udp'
    const output = await this.#run({
      argv: ['ss', '-Hlnp', kind, `sport = :${port}`],
    })
    const [, name, pid] = /\("([^"]*)",pid=(\d+)/.exec(output) ?? []
    return name === undefined ? null : `${name} (pid ${pid})`
  }

  async ephemeral(): Promise<typeof defaultRange> {
    try {
      const text = await readFile(rangeFile, 'utf8')
      const [first = 0, last = 0] = text.trim().split(/\s+/).map(Number)
      return first > 0 && first <= last ? { first, last } : defaultRange
    } catch {
      return defaultRange
    }
  }
}

async function listen({ ip, port }: HostPort): Promise<Socket> {
  const server = createServer((connection) => {
    connection.on('error', () => undefined).resetAndDestroy()
  })
  server.listen({ host: ip, port, ipv6Only: true, exclusive: true, backlog: 1 })
  await once(server, 'listening')
  server.on('error', () => undefined)
  return server
}

async function bind({ ip, port }: HostPort): Promise<Socket> {
  const type = ip.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket({ type, ipv6Only: type === 'udp6' })
  socket.bind({ address: ip, port, exclusive: true })
  try {
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  socket.on('error', () => undefined)
  return socket
}

function refusal(
  { code, message }: NodeJS.ErrnoException,
  { ip }: HostPort,
): HeldPort | PortRefusal {
  if (code === 'EADDRINUSE') return { refused: 'in-use' }
  // A kernel without IPv6 has nobody who could listen there.
  const isAbsent = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
  if (isAbsent && ip === '::') return { release: () => undefined }
  if (code === 'EADDRNOTAVAIL') return { refused: 'not-local' }
  return { refused: 'failed', problem: message }
}
