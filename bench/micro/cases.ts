import dnsPacket from 'dns-packet'
import * as arp from '../../src/codec/arp.js'
import * as ethernet from '../../src/codec/ethernet.js'
import type { UpcallReason } from '../../src/engine/engine.js'
import { macOfIp } from '../../src/net/mac.js'
import { parseRecord } from '../../src/store/records.js'
import { parseStored } from '../../src/store/stored-record.js'
import {
  arpRequest,
  echoRequest,
  neighbourSolicitation,
  type Station,
  udpFrame,
} from '../../test/support/frames.js'
import {
  connectRequest,
  networkRequest,
  type TestCluster,
} from '../../test/support/test-node.js'

/** What is done again and again. */
export interface Case {
  readonly group: string
  readonly name: string
  readonly work: () => unknown
}

export function recordCases(): Case[] {
  const id = '0123456789abcdef'.repeat(4)
  const createdAt = '2026-01-02T03:04:05.000Z'
  const endpoint = {
    ...{ id, network: id, host: 'host2', name: 'bbox1', aliases: ['web'] },
    ...{ mac: '02:42:0a:00:00:02', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
    ...{ target: 'bbox1', netns: '/run/netns/bbox1', interface: 'eth0' },
    ...{ publish: [], createdAt },
  }
  const address = { host: 'host2', endpoint: id, name: 'bbox1' }
  const records = [
    { name: 'endpoint', key: `endpoint/${id}/${id}`, value: endpoint },
    { name: 'address', key: `address/${id}/10.0.0.2`, value: address },
  ]
  return records.flatMap(({ name, key, value }) => {
    const text = `7 ${JSON.stringify(value)}`
    return [
      {
        ...{ group: 'records', name: `${name}: read and validated` },
        work: () => parseRecord(key, parseStored(text).value),
      },
      {
        ...{ group: 'records', name: `${name}: written` },
        work: () => JSON.stringify(value),
      },
    ]
  })
}

export function frameCases(): Case[] {
  const bbox1 = { mac: '02:42:0a:00:00:02', ip: '10.0.0.2' }
  const request = arpRequest(bbox1, '10.0.0.3')
  const parse = () => {
    const frame = ethernet.parse(request)
    return frame && arp.parse(frame.payload)
  }
  return [
    { group: 'frames', name: 'ARP: read', work: parse },
    {
      ...{ group: 'frames', name: 'ARP: written' },
      work: () => arpRequest(bbox1, '10.0.0.3'),
    },
  ]
}

/** A daemon on fakes whose one container asks about another, and is answered. */
export async function slowPathCases(
  cluster: TestCluster,
): Promise<readonly Case[]> {
  const { node, engine, system } = await cluster.start(2)
  const subnets = ['10.0.0.0/24', 'fd00::/64']
  await node.networks.create(networkRequest({ subnets }))
  for (const target of ['bbox1', 'bbox2']) {
    system.addNamespace(target)
    await node.endpoints.connect(connectRequest({ target }))
  }
  const [port = 0, spec] = [...engine.ports][0] ?? []
  const vni = spec?.vni ?? 0
  const v4 = { mac: spec?.mac ?? '', ip: '10.0.0.2' }
  const v6 = { ...v4, ip: 'fd00::2' }
  const gateway = { mac: macOfIp('10.0.0.1'), ip: '10.0.0.1' }

  const asked = (
    name: string,
    reason: UpcallReason,
    frame: Uint8Array,
  ): Case => ({
    group: 'slow path',
    name,
    work: () => {
      engine.injected.length = 0
      engine.raise({ reason, vni, port, peer: null, frame })
      return engine.injected[0]
    },
  })
  return [
    asked('ARP', 'arp', arpRequest(v4, '10.0.0.3')),
    asked('neighbour discovery', 'nd', neighbourSolicitation(v6, 'fd00::3')),
    asked('ping of the gateway', 'gateway', echoRequest(v4, gateway)),
    asked('DNS', 'gateway', question(v4, gateway)),
  ]
}

function question(from: Station, gateway: Station): Uint8Array {
  const questions = [{ type: 'A', name: 'bbox2' }] as const
  const query = dnsPacket.encode({
    type: 'query',
    id: 1,
    questions: [...questions],
  })
  return udpFrame(from, gateway, 53, query)
}
