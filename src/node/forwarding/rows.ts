import { addressOf } from '../../net/cidr.js'
import type { Endpoint } from '../../store/records.js'
import type { ForwardingRow } from '../use-cases.js'
import { vtepText } from '../../net/vtep.js'
import type { NetworkState } from './desired.js'
import type { Way } from './way.js'

/** How `bridge fdb` writes the entry for all other MACs. */
const anyMac = '00:00:00:00:00:00'

/** One row per MAC, then one per VTEP that broadcast goes to. */
export function forwardingRows(state: NetworkState): ForwardingRow[] {
  const { name: network, policy, ways, vteps } = state
  const common = { network, vni: policy.vni }
  const unicast = [...ways].map(([mac, way]) => ({
    ...common,
    mac,
    kind: way.kind,
    ...row(way),
  }))
  const flood = [...vteps.keys()].map((text) => ({
    ...common,
    mac: anyMac,
    addresses: [],
    endpoint: '',
    to: `peer ${text}`,
    kind: 'flood' as const,
  }))
  return [...unicast.sort((a, b) => (a.mac < b.mac ? -1 : 1)), ...flood]
}

function row(way: Way): Pick<ForwardingRow, 'addresses' | 'endpoint' | 'to'> {
  switch (way.kind) {
    case 'local':
      return { ...named(way.endpoint), to: `port ${way.endpoint.interface}` }
    case 'remote':
      return { ...named(way.endpoint), to: `peer ${vtepText(way.vtep)}` }
    case 'gateway':
      return { addresses: way.addresses, endpoint: '', to: 'gateway' }
    case 'learned':
      return { addresses: [], endpoint: '', to: `peer ${vtepText(way.vtep)}` }
  }
}

function named({ name, addresses }: Endpoint) {
  return { endpoint: name, addresses: addresses.map(addressOf) }
}
