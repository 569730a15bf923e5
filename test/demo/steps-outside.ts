import type { Step } from './step.js'

const ping = 'ping -c 1 -W 1'

/** Steps 4 to 7: a container, and its ways to and from the outside. */
export const stepsOutside: readonly Step[] = [
  {
    number: 4,
    title: 'A container on host2',
    commands: [
      { on: 'host2', line: 'ip netns add bbox1', checks: [] },
      {
        on: 'host2',
        line: 'overtap network connect --publish 80:80 ov_net1 bbox1',
        checks: [
          {
            shows: /eth0 .*10\.0\.0\.2\/24 .*02:42:0a:00:00:02/,
            meaning: 'eth0 is 10.0.0.2/24, MAC 02:42:0a:00:00:02',
          },
        ],
      },
      {
        on: 'host2',
        line: 'ip netns exec bbox1 ip address show eth0',
        checks: [
          { shows: /mtu 1450/, meaning: 'MTU 1450 on an underlay of 1500' },
          { shows: /inet 10\.0\.0\.2\/24/, meaning: 'the address is there' },
        ],
      },
      {
        on: 'host2',
        line: 'ip netns exec bbox1 ip -4 address show eth1',
        checks: [
          { shows: /inet 172\.18\.0\.2\/16/, meaning: 'eth1 is 172.18.0.2/16' },
        ],
      },
      {
        on: 'host2',
        line: 'ip netns exec bbox1 ip route show default',
        checks: [
          {
            shows: /default via 172\.18\.0\.1 dev eth1/,
            meaning: 'the default route leads through eth1',
          },
        ],
      },
    ],
  },
  {
    number: 5,
    title: 'The bridge that came with it',
    commands: [
      {
        on: 'host2',
        line: 'ip -brief address show overtap_gwbridge',
        checks: [
          {
            shows: /overtap_gwbr .*172\.18\.0\.1\/16/,
            meaning: 'a bridge, 172.18.0.1/16',
          },
        ],
      },
      {
        on: 'host2',
        line: 'bridge -details link show',
        checks: [
          {
            shows: /otgw2.*isolated on/s,
            meaning: 'containers on it do not reach each other through it',
          },
        ],
      },
    ],
  },
  {
    number: 6,
    title: 'The outside',
    commands: [
      {
        on: 'host2',
        line: `ip netns exec bbox1 ${ping} 203.0.113.9`,
        checks: [
          { shows: /1 received/, meaning: 'bbox1 reaches an address outside' },
        ],
      },
      {
        on: 'host2',
        line: 'nft list chain inet overtap outside',
        checks: [
          {
            shows: /ip saddr 172\.18\.0\.0\/16 .*masquerade/,
            meaning: 'masqueraded behind the host',
          },
        ],
      },
    ],
  },
  {
    number: 7,
    title: 'A web server in it, published at port 80 of host2',
    commands: [
      {
        on: 'host2',
        line: 'ip netns exec bbox1 python3 -u -m http.server --directory /run/netns 80 &',
        checks: [{ shows: /port 80/, meaning: 'it listens in bbox1' }],
      },
      {
        on: 'host1',
        line: 'busybox wget -q -O - http://192.168.56.130/',
        checks: [
          {
            shows: /Directory listing/,
            meaning: "another machine reaches it at host2's address, port 80",
          },
        ],
      },
      {
        on: 'host2',
        line: 'ip netns add bbox9',
        checks: [],
      },
      {
        on: 'host2',
        line: 'overtap network connect --publish 80:80 ov_net1 bbox9',
        fails: true,
        checks: [
          {
            shows: /port 80\/tcp .* published already, by bbox1 on ov_net1/,
            meaning: 'one container has the port, and is named',
          },
        ],
      },
    ],
  },
]
