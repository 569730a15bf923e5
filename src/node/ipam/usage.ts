import { reservedAddresses } from '../../ipam/addresses.js'
import { cidrContains, hostCount } from '../../net/cidr.js'
import { compareIps } from '../../net/ip.js'
import type { RowView } from '../../store/cluster-view.js'
import type { AddressClaim, Network, Subnet } from '../../store/records.js'
import type { AddressView, SubnetView } from '../use-cases.js'

/** What of each subnet of a network is in use. */
export function subnetViews(network: Network, rows: RowView): SubnetView[] {
  return network.subnets.map((subnet) => {
    const addresses = addressViews(network, subnet, rows)
    const count = (wanted: AddressView['state']) =>
      addresses.filter(({ state }) => state === wanted).length
    const size = Number(hostCount(subnet.subnet))
    return {
      network,
      subnet,
      size,
      used: count('used'),
      reserved: count('reserved'),
      quarantined: count('quarantined'),
      free: size - addresses.length,
      addresses,
    }
  })
}

/** All that are not free, in ascending order. */
function addressViews(
  { id }: Network,
  subnet: Subnet,
  rows: RowView,
): AddressView[] {
  const found = new Map<string, AddressView>()
  for (const [address, { value }] of rows.addresses(id)) {
    if (!cidrContains(subnet.subnet, address)) continue
    found.set(address, claimView(address, value, id, rows))
  }
  for (const [address, holder] of reservedAddresses(subnet)) {
    found.set(address, { address, state: 'reserved', holder, host: '' })
  }
  return [...found.values()].sort((a, b) => compareIps(a.address, b.address))
}

function claimView(
  address: string,
  { endpoint, host, name = '', released }: AddressClaim,
  network: string,
  rows: RowView,
): AddressView {
  if (released !== undefined) {
    return { address, state: 'quarantined', holder: released.name, host }
  }
  const holder = rows.endpoints(network).get(endpoint)?.value.name ?? name
  return { address, state: 'used', holder, host }
}
