import { template } from './template.js'

/** What can go wrong with names given by hand, and with looking names up. */
export const dnsErrors = {
  DNS_NAME_INVALID: template(
    400,
    (name: string) => `invalid DNS name: ${name}`,
    () =>
      'use letters, digits, - and _ in labels of up to 63 with dots between them, up to 253 in all',
  ),
  DNS_ADDRESS_INVALID: template(
    400,
    (address: string) => `${address} is no address for a DNS record`,
    () => 'give IPv4 or IPv6 addresses without a prefix length',
  ),
  DNS_RECORD_NOT_FOUND: template(
    404,
    (name: string, network: string) =>
      `${network} has no such record by hand: ${name}`,
    (_: string, network: string) =>
      `list the names there are: overtap dns ls ${network}`,
  ),
  DNS_RECORDS_EXHAUSTED: template(
    409,
    (what: string, limit: number) => `${what}: no more than ${limit}`,
    () => 'remove what is not needed: overtap dns rm NETWORK NAME [ADDRESS...]',
  ),
  DNS_TYPE_INVALID: template(
    400,
    (type: string) => `records of type ${type} cannot be looked up`,
    () => 'ask for A, AAAA, PTR, SRV, MX, TXT, NS, SOA, CNAME or ANY',
  ),
  DNS_ASKER_NOT_FOUND: template(
    404,
    (container: string) => `no container ${container} is connected here`,
    () =>
      'run the command on its host, and give its name or namespace: overtap endpoint ls',
  ),
}
