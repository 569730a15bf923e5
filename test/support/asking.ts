import dnsPacket from 'dns-packet'
import type { Injection } from '../../src/engine/engine.js'
import { addressOf } from '../../src/net/cidr.js'
import { macOfIp } from '../../src/net/mac.js'
import { udpFrame } from './frames.js'
import type { Station } from './frames.js'
import type { TestNode } from './test-node.js'

/** A container of a test node, where its frames come up. */
export interface Local {
  readonly port: number
  readonly vni: number
  readonly gateway: Station
  readonly station: Station
}

export async function local(
  { node, engine }: TestNode,
  name: string,
  on: string,
): Promise<Local> {
  const { network, endpoints } = await node.networks.inspect(on)
  const endpoint = endpoints.find((one) => one.name === name)
  if (!endpoint) throw new Error(`${name} is not on ${on}`)
  const { mac, addresses, netns } = endpoint
  const [port = 0] =
    [...engine.ports].find(
      ([, spec]) => spec.netns === netns && spec.mac === mac,
    ) ?? []
  const gateway = network.subnets[0]?.gateway ?? ''
  const station = { mac, ip: addressOf(addresses[0] ?? '') }
  const { vni } = network
  return { port, vni, gateway: { mac: macOfIp(gateway), ip: gateway }, station }
}

/** What the node does with a frame of the container to the gateway. */
export function ask(
  { engine }: TestNode,
  { port, vni }: Local,
  frame: Uint8Array,
): Injection[] {
  const before = engine.injected.length
  engine.raise({ reason: 'gateway', vni, port, peer: null, frame })
  return engine.injected.slice(before)
}

/** The address a container gets for a name; undefined for none. */
export function resolve(
  one: TestNode,
  asker: Local,
  name: string,
): string | undefined {
  const [answer] = ask(one, asker, question(asker, name))
  if (answer === undefined) return undefined
  const [first] = answerIn(answer).answers ?? []
  return first?.type === 'A' ? first.data : undefined
}

/** A frame that asks the gateway for the IPv4 address of a name. */
export function question(asker: Local, name: string): Uint8Array {
  const query = dnsPacket.encode({
    type: 'query',
    id: 7,
    questions: [{ type: 'A', name }],
  })
  return udpFrame(asker.station, asker.gateway, 53, query)
}

/** The DNS message in a frame over IPv4. */
export function answerIn({ frame }: Injection): dnsPacket.Packet & {
  readonly rcode: string
} {
  // Ethernet, IPv4 and UDP headers.
  const packet = dnsPacket.decode(Buffer.from(frame.subarray(42)))
  return packet as typeof packet & { readonly rcode: string }
}
