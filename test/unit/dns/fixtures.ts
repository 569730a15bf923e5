import type { ZoneMember } from '../../../src/dns/zone.js'

export const network = {
  name: 'ov_net1',
  subnets: [
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
    { subnet: 'fd00::/64', gateway: 'fd00::1' },
  ],
}

export const otherNetwork = {
  name: 'ov_net2',
  subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }],
}

/** An endpoint that has the name for its id. */
export function member(
  name: string,
  addresses: string[],
  aliases: string[] = [],
): ZoneMember {
  return { id: name, name, aliases, addresses }
}
