import { engineFeatures } from '../../base/features.js'

/** One thing a daemon can be told, and every way to tell it. */
export interface Setting {
  /** Its place in the config file. */
  readonly key: string
  /** The flag, in commander's notation; absent: only the file has it. */
  readonly flag?: string
  readonly description: string
  /** What is valid, to be read after "is not". */
  readonly expects: string
  readonly example: string
}

/** What is valid is decided by `configSchema`; this is how people call it. */
export const settings: readonly Setting[] = [
  {
    key: 'store',
    flag: '--store <URL>',
    description:
      'redis:// or rediss:// URL of the store (default: a private redis-server)',
    expects: 'the URL of a Redis server',
    example: 'redis://:password@192.168.56.129:6379',
  },
  {
    key: 'cluster',
    flag: '--cluster <NAME>',
    description: 'cluster within the store (default: default)',
    expects: 'a name of 1 to 64 letters, digits, dots, dashes or underscores',
    example: 'default',
  },
  {
    key: 'host',
    flag: '--host <NAME>',
    description: 'name of this host, unique in the cluster (default: hostname)',
    expects: 'a name of 1 to 64 letters, digits, dots, dashes or underscores',
    example: 'host2',
  },
  {
    key: 'advertise',
    flag: '--advertise <ADDRESS|INTERFACE>',
    description:
      'where peers reach this host (default: the source address towards the store)',
    expects: 'an address or an interface of this host',
    example: 'eth0',
  },
  {
    key: 'port',
    flag: '--port <PORT>',
    description: 'UDP port of VXLAN (default: 4789)',
    expects: 'a port number from 1 to 65535',
    example: '4789',
  },
  {
    key: 'state',
    flag: '--state <DIR>',
    description: 'state directory (default: /var/lib/overtap)',
    expects: 'the path of a directory',
    example: '/var/lib/overtap',
  },
  {
    key: 'socket',
    flag: '--socket <PATH>',
    description:
      'unix socket of the HTTP API (default: /run/overtap/overtap.sock)',
    expects: 'the path of a socket',
    example: '/run/overtap/overtap.sock',
  },
  {
    key: 'log.level',
    flag: '--log-level <LEVEL>',
    description: 'what is logged (default: info)',
    expects: 'one of trace, debug, info, warn, error, fatal',
    example: 'info',
  },
  {
    key: 'log.format',
    description: 'how it is logged',
    expects: 'one of auto, json, pretty',
    example: 'auto',
  },
  {
    key: 'log',
    description: 'logging',
    expects: 'a section with level and format',
    example: '{ level: info, format: auto }',
  },
  {
    key: 'keep',
    flag: '--keep',
    description: 'keep containers connected when the daemon stops',
    expects: 'true or false',
    example: 'true',
  },
  {
    key: 'workers',
    flag: '--workers <N>',
    description: 'threads of the data plane',
    expects: 'a number of threads from 1 to 64',
    example: '1',
  },
  {
    key: 'multiqueue',
    flag: '--multiqueue',
    description: 'let one container use all workers',
    expects: 'true or false',
    example: 'true',
  },
  {
    key: 'disable',
    flag: '--disable <FEATURES>',
    description: 'features of the data path that are not to be used',
    expects: `a list of ${engineFeatures.join(', ')}`,
    example: 'tunnel-gso,udp-gro',
  },
  {
    key: 'gateway.subnet',
    flag: '--gateway-subnet <CIDR>',
    description:
      'IPv4 range of the bridge to the outside, auto or off (default: auto)',
    expects: 'an IPv4 range of at least /30, auto or off',
    example: '172.18.0.0/16',
  },
  {
    key: 'gateway.subnet6',
    flag: '--gateway-subnet6 <CIDR>',
    description:
      'IPv6 range of the bridge to the outside, auto or off (default: auto)',
    expects: 'an IPv6 range of at least /126, auto or off',
    example: 'fd00:18::/64',
  },
  {
    key: 'gateway',
    description: 'the bridge to the outside',
    expects: 'a section with subnet and subnet6',
    example: '{ subnet: 172.18.0.0/16, subnet6: off }',
  },
  {
    key: 'dns',
    flag: '--dns <SERVERS>',
    description:
      'DNS servers for names that are not ours (default: those of resolv.conf)',
    expects: 'a list of at most three servers, each IP or IP:PORT',
    example: '192.168.56.1,192.168.56.2:5353',
  },
  {
    key: 'resolvConf',
    flag: '--resolv-conf <FILE>',
    description: 'where the DNS servers of the host are written',
    expects: 'the path of a file',
    example: '/run/systemd/resolve/resolv.conf',
  },
  {
    key: 'docker.driver',
    flag: '--docker',
    description: "serve as Docker's network driver",
    expects: 'true or false',
    example: 'true',
  },
  {
    key: 'docker.pluginSocket',
    flag: '--docker-plugin-socket <PATH>',
    description:
      'where Docker finds the driver (default: /run/docker/plugins/overtap.sock)',
    expects: 'the path of a socket',
    example: '/run/docker/plugins/overtap.sock',
  },
  {
    key: 'docker.socket',
    flag: '--docker-socket <PATH>',
    description: "unix socket of Docker's API (default: /run/docker.sock)",
    expects: 'the path of a socket',
    example: '/run/docker.sock',
  },
  {
    key: 'docker.compatSocket',
    flag: '--docker-compat-socket <PATH>',
    description:
      "serve Docker's API with our networks as overlay networks (default: off)",
    expects: 'the path of a socket, with docker.driver true',
    example: '/run/overtap/docker.sock',
  },
  {
    key: 'docker',
    description: 'containers of Docker',
    expects: 'a section with driver, pluginSocket, socket and compatSocket',
    example: '{ driver: true }',
  },
  {
    key: 'lease.ttl',
    description: 'how long this host counts as up without a sign of life',
    expects: 'a whole number of milliseconds, at least 1000',
    example: '15000',
  },
  {
    key: 'lease.renew',
    description: 'how often this host gives a sign of life',
    expects:
      'a whole number of milliseconds, at least 200 and at most half of lease.ttl',
    example: '4000',
  },
  {
    key: 'lease.dead',
    description:
      'how long a host that is gone keeps its containers on the list',
    expects: 'a number of milliseconds, 0 or more',
    example: '45000',
  },
  {
    key: 'lease.hold',
    description: 'how long a dead host keeps its addresses',
    expects: 'a number of milliseconds, 0 or more',
    example: '600000',
  },
  {
    key: 'quarantine',
    description: 'how long a released address rests',
    expects: 'a number of milliseconds, 0 or more',
    example: '60000',
  },
  {
    key: 'settle',
    description: 'how long daemons have to write again what the store lost',
    expects: 'a number of milliseconds, 0 or more',
    example: '30000',
  },
  {
    key: 'lease',
    description: "this host's lease in the store",
    expects: 'a section with ttl and renew',
    example: '{ ttl: 15000, renew: 4000 }',
  },
  {
    key: 'pools',
    description: 'where automatic subnets come from',
    expects: 'a list of sections with base and size',
    example: '[{ base: 10.0.0.0/8, size: 24 }]',
  },
  {
    key: 'pools.base',
    description: 'the range that subnets are cut from',
    expects: 'an IPv4 range in CIDR notation',
    example: '10.0.0.0/8',
  },
  {
    key: 'pools.size',
    description: 'prefix length of the subnets',
    expects: 'a whole number from 8 to 30',
    example: '24',
  },
  {
    key: 'firstVni',
    description: 'first automatic VNI',
    expects: 'a VNI from 1 to 16777215',
    example: '256',
  },
]

/** `--log-level <LEVEL>` -> `OVERTAP_LOG_LEVEL` */
export function environmentName(flag: string): string {
  return `OVERTAP_${flagName(flag).slice(2).toUpperCase().replaceAll('-', '_')}`
}

/** `--log-level <LEVEL>` -> `--log-level` */
export function flagName(flag: string): string {
  return flag.split(' ')[0] ?? flag
}
