import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Socket } from 'node:net'
import type { DnsClient, DnsExchange } from './dns.js'

/** The length before a message over TCP (RFC 1035 section 4.2.2). */
const LENGTH_BYTES = 2

/** Asks with a socket of its own for every question. */
export class SocketDnsClient implements DnsClient {
  exchange(exchange: DnsExchange): Promise<Uint8Array> {
    return exchange.transport === 'udp' ? overUdp(exchange) : overTcp(exchange)
  }
}

/**
 * The kernel draws the source port; it lets nothing in but from the address
 * and port that were asked, and tells of ICMP errors (RFC 5452 section 9).
 */
function overUdp(exchange: DnsExchange): Promise<Uint8Array> {
  const { server, message, accepts, signal } = exchange
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: isIPv6(server.address) ? 'udp6' : 'udp4',
      // Addresses need no looking up.
      lookup: (address, _, found) => {
        found(null, address, isIPv6(address) ? 6 : 4)
      },
    })
    const stop = (): void => {
      end(() => {
        reject(new Error('the answer is not wanted any more'))
      })
    }
    const end = (tell: () => void): void => {
      signal.removeEventListener('abort', stop)
      socket.removeAllListeners().on('error', () => undefined)
      socket.close()
      tell()
    }
    socket.on('error', (error) => {
      end(() => {
        reject(error)
      })
    })
    socket.on('message', (answer) => {
      if (!accepts(answer)) return
      end(() => {
        resolve(answer)
      })
    })
    socket.on('connect', () => {
      socket.send(message)
    })
    if (signal.aborted) {
      stop()
      return
    }
    signal.addEventListener('abort', stop)
    socket.connect(server.port, server.address)
  })
}

async function overTcp(exchange: DnsExchange): Promise<Uint8Array> {
  const { server, message, accepts, signal } = exchange
  const socket = connect({ host: server.address, port: server.port, signal })
  try {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt16BE(message.length)
    socket.write(Buffer.concat([length, message]))
    const answer = await firstMessage(socket)
    if (accepts(answer)) return answer
    throw new Error('the answer is to another question')
  } finally {
    socket.destroy()
  }
}

/** Rejects when the connection ends before. */
async function firstMessage(socket: Socket): Promise<Uint8Array> {
  let received = Buffer.alloc(0)
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer])
    if (received.length < LENGTH_BYTES) continue
    const end = LENGTH_BYTES + received.readUInt16BE()
    if (received.length >= end) return received.subarray(LENGTH_BYTES, end)
  }
  throw new Error('the connection was closed before the answer')
}
