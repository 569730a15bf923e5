/**
 * The demo as data: the tutorial's steps, each a list of commands as a user
 * types them on a host, and what their answers must show.
 */

import type { Step } from './step.js'
import { stepsOutside } from './steps-outside.js'

const ping = 'ping -c 1 -W 1'

export const steps: readonly Step[] = [
  {
    number: 1,
    title: 'A store on host1, a daemon on host2 and on host3',
    commands: [
      {
        on: 'host1',
        line: 'redis-server --bind 192.168.56.129 --appendonly yes',
        checks: [],
      },
      {
        on: 'host2',
        line: 'overtapd --store redis://192.168.56.129:6379 --host host2 --advertise 192.168.56.130',
        checks: [{ shows: /overtapd ready:/, meaning: 'it is ready' }],
      },
      {
        on: 'host3',
        line: 'overtapd --store redis://192.168.56.129:6379 --host host3 --advertise 192.168.56.128',
        checks: [{ shows: /overtapd ready:/, meaning: 'it is ready' }],
      },
      {
        on: 'host3',
        line: 'overtap host ls',
        checks: [
          {
            shows: /host2 .*192\.168\.56\.130 .*up/,
            meaning: 'host2 is registered and up',
          },
          {
            shows: /host3 .*192\.168\.56\.128 .*up/,
            meaning: 'host3 is registered and up',
          },
        ],
      },
    ],
  },
  {
    number: 2,
    title: 'A network made on one host is on the other',
    commands: [
      { on: 'host2', line: 'overtap network create ov_net1', checks: [] },
      {
        on: 'host3',
        line: 'overtap network ls',
        checks: [
          {
            shows: /ov_net1 .*global/,
            meaning: 'host3 has ov_net1, scope global',
          },
        ],
      },
    ],
  },
  {
    number: 3,
    title: 'Subnet, gateway and VNI are chosen',
    commands: [
      {
        on: 'host3',
        line: 'overtap network inspect ov_net1',
        checks: [
          {
            shows: /10\.0\.0\.0\/24.*10\.0\.0\.1\b/s,
            meaning: 'subnet 10.0.0.0/24, gateway 10.0.0.1',
          },
          { shows: /VNI\W+256/, meaning: 'VNI 256' },
        ],
      },
    ],
  },
  ...stepsOutside,
  {
    number: 8,
    title: 'A container on host3 reaches it, by name, at the first packet',
    commands: [
      { on: 'host3', line: 'ip netns add bbox2', checks: [] },
      {
        on: 'host3',
        line: 'overtap network connect ov_net1 bbox2',
        checks: [{ shows: /10\.0\.0\.3\/24/, meaning: 'eth0 is 10.0.0.3' }],
      },
      {
        on: 'host3',
        line: `ip netns exec bbox2 ${ping} bbox1`,
        checks: [
          {
            shows: /1 received, 0% packet loss/,
            meaning: 'bbox2 reaches bbox1 by name, first packet included',
          },
        ],
      },
      {
        on: 'host2',
        line: `ip netns exec bbox1 ${ping} 10.0.0.3`,
        checks: [
          {
            shows: /1 received, 0% packet loss/,
            meaning: 'bbox1 reaches bbox2 by address',
          },
        ],
      },
    ],
  },
  {
    number: 9,
    title: 'What stands in for ip -d link and bridge fdb show',
    commands: [
      {
        on: 'host3',
        line: 'overtap fdb show ov_net1',
        checks: [
          {
            shows: /256 .*02:42:0a:00:00:02 .*192\.168\.56\.130:4789/,
            meaning: "bbox1's MAC is behind host2, VNI 256, UDP 4789",
          },
        ],
      },
    ],
  },
  {
    number: 10,
    title: 'A second network has nothing to do with the first',
    commands: [
      { on: 'host3', line: 'overtap network create ov_net2', checks: [] },
      { on: 'host3', line: 'ip netns add bbox3', checks: [] },
      {
        on: 'host3',
        line: 'overtap network connect ov_net2 bbox3',
        checks: [{ shows: /10\.0\.1\.2\/24/, meaning: 'eth0 is 10.0.1.2' }],
      },
      {
        on: 'host3',
        line: `ip netns exec bbox3 ${ping} 10.0.0.2`,
        fails: true,
        checks: [
          {
            shows: /100% packet loss|unreachable/,
            meaning: 'bbox3 does not reach bbox1 by address',
          },
        ],
      },
      {
        on: 'host3',
        line: `ip netns exec bbox3 ${ping} bbox2`,
        fails: true,
        checks: [
          {
            shows: /not known|in name resolution/,
            meaning: 'bbox3 does not reach bbox2 by name',
          },
        ],
      },
      {
        on: 'host3',
        line: 'ip -brief link show type bridge',
        checks: [
          {
            shows: /^overtap_gwbr [^\n]*\n?$/,
            meaning: 'the gateway bridge is not made a second time',
          },
        ],
      },
      {
        on: 'host3',
        line: `ip netns exec bbox3 ${ping} 203.0.113.9`,
        checks: [
          { shows: /1 received/, meaning: 'bbox3 still reaches the outside' },
        ],
      },
    ],
  },
  {
    number: 11,
    title: 'Connected and disconnected while it runs',
    commands: [
      {
        on: 'host3',
        line: 'overtap network connect ov_net1 bbox3',
        checks: [
          { shows: /eth2 .*10\.0\.0\.4\/24/, meaning: 'eth2 is 10.0.0.4' },
        ],
      },
      {
        on: 'host3',
        line: `ip netns exec bbox3 ${ping} bbox1`,
        checks: [
          { shows: /1 received/, meaning: 'now it reaches bbox1 by name' },
        ],
      },
      {
        on: 'host3',
        line: `ip netns exec bbox3 ${ping} 10.0.0.3`,
        checks: [{ shows: /1 received/, meaning: 'and bbox2 by address' }],
      },
      {
        on: 'host3',
        line: 'overtap network disconnect ov_net1 bbox3',
        checks: [],
      },
      {
        on: 'host3',
        line: 'ip netns exec bbox3 ip -brief link',
        checks: [
          { not: /eth2/, meaning: 'the interface is gone again' },
          { shows: /eth0/, meaning: 'the one on ov_net2 is not' },
        ],
      },
    ],
  },
  {
    number: 12,
    title: 'A subnet of your own',
    commands: [
      {
        on: 'host2',
        line: 'overtap network create --subnet 10.22.1.0/24 ov_net3',
        checks: [],
      },
      {
        on: 'host2',
        line: 'overtap network connect ov_net3 bbox1',
        checks: [
          { shows: /10\.22\.1\.2\/24/, meaning: 'the first address is .2' },
        ],
      },
      {
        on: 'host3',
        line: 'overtap network connect ov_net3 bbox2',
        checks: [
          {
            shows: /10\.22\.1\.3\/24/,
            meaning: 'the next one, on the other host, is .3',
          },
        ],
      },
    ],
  },
  {
    number: 13,
    title: 'A network in use cannot be removed',
    commands: [
      {
        on: 'host2',
        line: 'overtap network rm ov_net1',
        fails: true,
        checks: [
          { shows: /has active endpoints/, meaning: 'refused' },
          { shows: /bbox1 \(host2\)/, meaning: 'bbox1 on host2 holds it' },
          { shows: /bbox2 \(host3\)/, meaning: 'bbox2 on host3 holds it' },
        ],
      },
      {
        on: 'host2',
        line: 'overtap network disconnect ov_net1 bbox1',
        checks: [],
      },
      {
        on: 'host3',
        line: 'overtap network disconnect ov_net1 bbox2',
        checks: [],
      },
      {
        on: 'host2',
        line: 'overtap network rm ov_net1',
        checks: [{ shows: /ov_net1/, meaning: 'it is removed' }],
      },
      {
        on: 'host3',
        line: 'overtap network ls',
        checks: [
          { not: /ov_net1/, meaning: 'it is gone on the other host too' },
          { shows: /ov_net3/, meaning: 'the others are not' },
        ],
      },
    ],
  },
]
