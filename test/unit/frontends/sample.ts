import type { DriverUseCases } from '../../../src/node/driver/use-cases.js'
import type {
  EndpointView,
  HostView,
  LookupView,
  NameView,
  NetworkView,
  NodeHealth,
  NodeStatus,
  SubnetView,
  UseCases,
} from '../../../src/node/use-cases.js'

export const networkId = 'a1'.repeat(32)
export const endpointId = 'b2'.repeat(32)

export const networkView: NetworkView = {
  network: {
    id: networkId,
    name: 'ov_net1',
    vni: 256,
    subnets: [
      { subnet: '10.0.0.0/24', gateway: '10.0.0.1', ipRange: '10.0.0.128/25' },
      { subnet: 'fd00::/64', gateway: 'fd00::1' },
    ],
    internal: false,
    options: { color: 'blue' },
    labels: { team: 'net' },
    createdAt: '2026-01-02T03:04:05.000Z',
    createdBy: 'host2',
  },
  endpoints: [
    {
      id: endpointId,
      network: networkId,
      host: 'host2',
      name: 'bbox1',
      aliases: ['web'],
      mac: '02:42:0a:00:00:02',
      addresses: ['10.0.0.2/24', 'fd00::2/64'],
      target: 'bbox1',
      netns: '/run/netns/bbox1',
      interface: 'eth0',
      publish: [],
      createdAt: '2026-01-02T03:04:06.000Z',
    },
  ],
}

const [endpoint] = networkView.endpoints
if (!endpoint) throw new Error('the sample network has one endpoint')

export const endpointView: EndpointView = {
  endpoint,
  network: networkView.network,
}

const [subnet] = networkView.network.subnets
if (!subnet) throw new Error('the sample network has a subnet')

export const subnetView: SubnetView = {
  network: networkView.network,
  subnet,
  size: 254,
  used: 1,
  reserved: 1,
  quarantined: 1,
  free: 251,
  addresses: [
    { address: '10.0.0.1', state: 'reserved', holder: 'gateway', host: '' },
    { address: '10.0.0.2', state: 'used', holder: 'bbox1', host: 'host2' },
    {
      address: '10.0.0.3',
      state: 'quarantined',
      holder: 'bbox2',
      host: 'host3',
    },
  ],
}

export const nameView: NameView = {
  network: networkView.network,
  name: 'db',
  addresses: ['192.0.2.7', '2001:db8::7'],
  kind: 'record',
  host: '',
}

export const lookupView: LookupView = {
  name: 'web',
  type: 'A',
  status: 'NOERROR',
  answers: [{ name: 'web', type: 'A', ttl: 5, data: '10.0.0.2' }],
  reason: 'ov_net1 has it',
  holders: [
    {
      name: 'bbox1.ov_net1',
      host: 'host2',
      addresses: ['10.0.0.2'],
      leftOut: false,
    },
    {
      name: 'bbox2.ov_net1',
      host: 'host3',
      addresses: ['10.0.0.3'],
      leftOut: true,
    },
  ],
}

export const hostView: HostView = {
  name: 'host2',
  address: '192.168.56.130',
  port: 4789,
  version: '0.1.0',
  startedAt: '2026-01-02T03:04:00.000Z',
  routes: [],
  health: 'up',
  self: true,
}

export const nodeStatus: NodeStatus = {
  version: '0.1.0',
  host: 'host2',
  address: '192.168.56.130',
  port: 4789,
  startedAt: '2026-01-02T03:04:00.000Z',
  store: {
    description: 'redis://192.168.56.129:6379',
    state: 'connected',
    revision: 17,
  },
  engine: {
    features: [
      { name: 'tunnel-gso', state: 'unavailable', reason: 'Linux 6.17' },
      { name: 'udp-gso', state: 'on', reason: '' },
      { name: 'udp-gro', state: 'off', reason: '' },
      { name: 'tcp-join', state: 'on', reason: '' },
    ],
    pauses: [{ feature: 'udp-gso', peer: 7, reason: 'Input/output error' }],
    counters: {
      ports: { 1: { rxFrames: 1, rxBytes: 98, txFrames: 2, txBytes: 196 } },
      peers: { 7: { rxFrames: 3, rxBytes: 294, txFrames: 4, txBytes: 392 } },
      drops: { runt: 0, unknown_vni: 5 },
      upcalls: 6,
    },
    ports: { 1: 'bbox1/eth0' },
    peers: { 7: '192.168.56.128:4789' },
    pathMtus: { 7: 1500 },
  },
  gateway: {
    state: 'on',
    reason: '',
    bridge: 'overtap_gwbr',
    subnets: ['172.18.0.0/16', 'fd6f:7665:7274:6170::/64'],
    containers: 1,
  },
  names: {
    results: {
      ...{ answered: 12, nxdomain: 1, forwarded: 3, cached: 2 },
      ...{ failed: 0, refused: 0, malformed: 0 },
    },
    transports: { udp: 14, tcp: 4 },
    upstreams: [
      {
        server: { address: '192.168.56.1', port: 53 },
        ...{ state: 'up', queries: 3, failures: 0, problem: '' },
      },
      {
        server: { address: 'fd00:56::1', port: 5353 },
        ...{ state: 'down', queries: 9, failures: 4 },
        problem: 'no answer within a second',
      },
    ],
    problem: '',
    cachedAnswers: 3,
    waiting: 0,
  },
  hosts: 2,
  networks: 1,
  endpoints: 1,
}

export const nodeHealth: NodeHealth = {
  problems: [],
  leaseMs: 11_500,
  settlesInMs: 0,
  endpoints: 2,
  hosts: { up: 2, suspect: 0, dead: 0 },
  events: [
    {
      sequence: 1,
      time: '2026-01-02T03:04:05.000Z',
      kind: 'host-up',
      message: 'host3 is in the cluster',
      host: 'host3',
    },
  ],
}

/** A daemon that knows the samples; tests replace what they look at. */
export function fakeNode(overrides: Partial<UseCases> = {}): UseCases {
  return {
    hosts: { list: () => Promise.resolve([hostView]) },
    networks: {
      list: () => [networkView.network],
      inspect: () => Promise.resolve(networkView),
      create: () => Promise.resolve(networkView),
      remove: () => Promise.resolve(),
      onChange: () => () => undefined,
    },
    endpoints: {
      list: () => Promise.resolve([endpointView]),
      connect: () => Promise.resolve(endpointView),
      disconnect: () => Promise.resolve(endpointView),
    },
    events: {
      latest: () => [],
      onEvent: () => () => undefined,
      record: () => undefined,
    },
    dns: {
      list: () => Promise.resolve([nameView]),
      add: () => Promise.resolve(nameView),
      remove: () => Promise.resolve(null),
      lookup: () => Promise.resolve([lookupView]),
      flush: () => 3,
    },
    ipam: {
      list: () => Promise.resolve([subnetView]),
      check: () => Promise.resolve([]),
    },
    driver: fakeDriver(),
    status: () => nodeStatus,
    health: () => Promise.resolve(nodeHealth),
    forwarding: () => [
      {
        network: 'ov_net1',
        vni: 256,
        mac: '02:42:0a:00:00:02',
        addresses: ['10.0.0.2'],
        endpoint: 'bbox1',
        to: 'port eth0',
        kind: 'local',
      },
    ],
    ...overrides,
  }
}

/** A driver for which everything is well. */
export function fakeDriver(
  overrides: Partial<DriverUseCases> = {},
): DriverUseCases {
  const done = () => Promise.resolve()
  return {
    requestPool: () =>
      Promise.resolve({ id: 'pool1/10.0.0.0/24', subnet: '10.0.0.0/24' }),
    releasePool: done,
    requestAddress: () => Promise.resolve('10.0.0.2/24'),
    releaseAddress: done,
    createNetwork: done,
    deleteNetwork: done,
    createEndpoint: () => Promise.resolve({ mac: '02:42:0a:00:00:02' }),
    join: () => Promise.resolve({ name: 'ovtb2b2b2b2b2b' }),
    leave: done,
    deleteEndpoint: done,
    describeEndpoint: () => ({ 'overtap.network': 'ov_net1' }),
    networks: () => [],
    nameNetwork: done,
    nameEndpoint: done,
    ...overrides,
  }
}
