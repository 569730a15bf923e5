/**
 * A DNS server for tests, as a program: `node name-server.js ADDRESS ANSWER`
 * answers every name with the address ANSWER, so that it can be told who
 * answered. The first label of a name can say otherwise:
 *
 * - `servfail`: SERVFAIL, at a server whose ANSWER ends in .1
 * - `nx`: NXDOMAIN, with a SOA record that keeps it for a minute
 * - `slow`: after half a second
 * - `long`: 60 addresses, over UDP none and the mark that it is truncated
 * - `unknown`: a record of a type that nobody has heard of, whatever was asked
 * - `brief`: with a lifetime of 0
 *
 * It prints `listening`, and each question it gets.
 */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { decode, encode } from 'dns-packet'
import type { Answer, Packet } from 'dns-packet'

const [address = '', answer = ''] = process.argv.slice(2)
const port = 53
const SLOW_MS = 500
const TRUNCATED = 0x0200

function reply(
  query: Buffer,
  over: 'udp' | 'tcp',
  send: (message: Buffer) => void,
): void {
  const asked = decode(query)
  const { name, type } = asked.questions?.[0] ?? { name: '', type: '' }
  process.stdout.write(`${over} ${name} ${type}\n`)
  const label = name.toLowerCase().replace(/\..*/, '')
  const special = specials[label]?.(name, over)
  const message = encode(answerTo(asked, special ?? plain(name)))
  setTimeout(
    () => {
      send(message)
    },
    label === 'slow' ? SLOW_MS : 0,
  )
}

function answerTo(asked: Packet, special: Packet): Packet {
  const { id = 0, questions = [], additionals = [] } = asked
  const edns = additionals.filter(({ type }) => type === 'OPT')
  const flags = 0x0180 | (special.flags ?? 0)
  const common = { type: 'response', id, questions } as const
  return { ...common, ...special, flags, additionals: edns }
}

const plain = (name: string): Packet => ({ answers: [record(name, answer)] })

const specials: Record<
  string,
  ((name: string, over: 'udp' | 'tcp') => Packet) | undefined
> = {
  servfail: (name) => (answer.endsWith('.1') ? { flags: 2 } : plain(name)),
  nx: () => ({ flags: 3, authorities: [soa] }),
  long: (name, over) =>
    over === 'udp'
      ? { flags: TRUNCATED }
      : {
          answers: Array.from({ length: 60 }, (_, index) =>
            record(name, `203.0.113.${index}`),
          ),
        },
  brief: (name) => ({ answers: [record(name, answer, 0)] }),
  unknown: (name) => ({
    answers: [
      {
        ...{ type: 'UNKNOWN_65280', name, ttl: 60 },
        data: Buffer.from('c0ffee', 'hex'),
      } as unknown as Answer,
    ],
  }),
}

const soa: Answer = {
  ...{ type: 'SOA', name: 'test', ttl: 60 },
  data: {
    ...{ mname: 'ns.test', rname: 'root.test', serial: 1 },
    ...{ refresh: 60, retry: 60, expire: 60, minimum: 60 },
  },
}

function record(name: string, data: string, ttl = 60): Answer {
  return { type: 'A', name, data, ttl }
}

const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
udp.on('message', (query, from) => {
  reply(query, 'udp', (message) => {
    udp.send(message, from.port, from.address)
  })
})
const tcp = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', (data) => {
    reply(data.subarray(2), 'tcp', (message) => {
      const length = Buffer.of(message.length >> 8, message.length & 0xff)
      socket.end(Buffer.concat([length, message]))
    })
  })
})
udp.bind(port, address, () => {
  tcp.listen(port, address, () => {
    process.stdout.write('listening\n')
  })
})
