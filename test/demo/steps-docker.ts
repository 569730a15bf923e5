/**
 * The tutorial with Docker's own commands, on hosts that each have a dockerd:
 * `npm run demo:docker`.
 */

import type { Check, Command, Step } from './step.js'

const create = 'docker network create -d overtap --ipam-driver overtap'
const run = 'docker run -d --init'
const idle = 'busybox sleep 1000'
const ping = 'ping -c 1 -W 1'
const answered = /1 packets received/

function daemon(on: Command['on'], address: string): Command {
  return {
    on,
    line: `overtapd --docker --store redis://192.168.56.129:6379 --host ${on} --advertise ${address}`,
    checks: [{ shows: /overtapd ready:/, meaning: 'it is ready' }],
  }
}

function silent(on: Command['on'], ...lines: readonly string[]): Command[] {
  return lines.map((line) => ({ on, line, checks: [] }))
}

function check(
  on: Command['on'],
  line: string,
  ...checks: readonly Check[]
): Command {
  return { on, line, checks }
}

/** What one host says is known on the other some milliseconds later. */
function soon(
  on: Command['on'],
  line: string,
  ...checks: readonly Check[]
): Command {
  return { on, line, checks, soon: true }
}

export const dockerSteps: readonly Step[] = [
  {
    number: 1,
    title: 'A store on host1, Docker and overtapd on host2 and on host3',
    commands: [
      ...silent('host1', 'redis-server --bind 192.168.56.129 --appendonly yes'),
      ...silent('host2', 'dockerd'),
      daemon('host2', '192.168.56.130'),
      ...silent('host3', 'dockerd'),
      daemon('host3', '192.168.56.128'),
      soon('host3', 'overtap status', {
        shows: /Docker: +connected/,
        meaning: 'overtap has found Docker',
      }),
    ],
  },
  {
    number: 2,
    title: 'A network made on one host is on the other',
    commands: [
      ...silent('host2', `${create} ov_net1`),
      soon('host3', 'docker network ls', {
        shows: /ov_net1 +overtap/,
        meaning: 'Docker on host3 has ov_net1',
      }),
      check('host3', 'overtap network ls', {
        shows: /ov_net1 .*global/,
        meaning: 'scope global',
      }),
    ],
  },
  {
    number: 3,
    title: 'Subnet, gateway and VNI are chosen',
    commands: [
      check('host3', 'docker network inspect ov_net1', {
        shows: /10\.0\.0\.0\/24.*10\.0\.0\.1\b/s,
        meaning: 'subnet 10.0.0.0/24, gateway 10.0.0.1',
      }),
      check('host3', 'overtap network inspect ov_net1', {
        shows: /VNI\W+256/,
        meaning: 'VNI 256',
      }),
    ],
  },
  {
    number: 4,
    title: 'A container on host2',
    commands: [
      ...silent('host2', `${run} --name bbox1 --network ov_net1 ${idle}`),
      check(
        'host2',
        'docker exec bbox1 ip address',
        {
          shows: /eth0.*mtu 1450.*02:42:0a:00:00:02.*inet 10\.0\.0\.2\/24/s,
          meaning: 'eth0 is 10.0.0.2/24, MAC 02:42:0a:00:00:02, MTU 1450',
        },
        {
          shows: /eth1.*inet 172\.18\.0\.2\/16/s,
          meaning: 'eth1 is 172.18.0.2/16',
        },
      ),
      check('host2', 'docker exec bbox1 ip route', {
        shows: /default via 172\.18\.0\.1 dev eth1/,
        meaning: 'the default route leads through eth1',
      }),
    ],
  },
  {
    number: 5,
    title: 'The bridge that came with it',
    commands: [
      check('host2', 'ip -brief address show docker_gwbridge', {
        shows: /172\.18\.0\.1\/16/,
        meaning: 'docker_gwbridge, 172.18.0.1/16',
      }),
    ],
  },
  {
    number: 6,
    title: 'The outside',
    commands: [
      check('host2', `docker exec bbox1 ${ping} 203.0.113.9`, {
        shows: answered,
        meaning: 'bbox1 reaches an address outside',
      }),
    ],
  },
  {
    number: 7,
    title: 'A web server at a port of its host',
    commands: [
      ...silent(
        'host2',
        `${run} --name web --network ov_net1 -p 80:80 busybox httpd -f -h /bin`,
      ),
      soon('host1', 'busybox wget -O /dev/null http://192.168.56.130/uname', {
        shows: /saved/,
        meaning: 'host1 reads from it at port 80 of host2',
      }),
      ...silent('host2', 'docker rm -f web'),
    ],
  },
  {
    number: 8,
    title: 'A container on host3 reaches it, by name',
    commands: [
      ...silent(
        'host3',
        `${run} --name bbox2 --network ov_net1 --dns 10.0.0.1 ${idle}`,
      ),
      soon('host3', `docker exec bbox2 ${ping} bbox1`, {
        shows: answered,
        meaning: 'bbox2 reaches bbox1 by name',
      }),
    ],
  },
  {
    number: 9,
    title: 'What stands in for ip -d link and bridge fdb show',
    commands: [
      check('host3', 'overtap fdb show ov_net1', {
        shows: /256 .*02:42:0a:00:00:02 .*192\.168\.56\.130:4789/,
        meaning: "bbox1's MAC is behind host2, VNI 256, UDP 4789",
      }),
    ],
  },
  {
    number: 10,
    title: 'A second network has nothing to do with the first',
    commands: [
      ...silent(
        'host3',
        `${create} ov_net2`,
        `${run} --name bbox3 --network ov_net2 --dns 10.0.1.1 ${idle}`,
      ),
      check('host3', 'docker exec bbox3 ip -4 address show eth0', {
        shows: /10\.0\.1\.2\/24/,
        meaning: 'eth0 is 10.0.1.2',
      }),
      {
        ...check('host3', `docker exec bbox3 ${ping} 10.0.0.2`, {
          shows: /100% packet loss/,
          meaning: 'bbox3 does not reach bbox1 by address',
        }),
        fails: true,
      },
      {
        ...check('host3', `docker exec bbox3 ${ping} bbox1`, {
          shows: /bad address/,
          meaning: 'nor by name',
        }),
        fails: true,
      },
      check('host3', `docker exec bbox3 ${ping} 203.0.113.9`, {
        shows: answered,
        meaning: 'bbox3 reaches the outside',
      }),
    ],
  },
  {
    number: 11,
    title: 'Connected and disconnected while it runs',
    commands: [
      ...silent('host3', 'docker network connect ov_net1 bbox3'),
      check('host3', 'docker exec bbox3 ip -4 address show eth2', {
        shows: /10\.0\.0\.\d+\/24/,
        meaning: 'eth2 is on ov_net1',
      }),
      check('host3', `docker exec bbox3 ${ping} bbox1`, {
        shows: answered,
        meaning: 'now it reaches bbox1 by name',
      }),
      ...silent('host3', 'docker network disconnect ov_net1 bbox3'),
      check('host3', 'docker exec bbox3 ip link', {
        not: /eth2/,
        meaning: 'the interface is gone again',
      }),
    ],
  },
  {
    number: 12,
    title: 'A subnet of your own',
    commands: [
      ...silent('host2', `${create} --subnet 10.22.1.0/24 ov_net3`),
      soon('host3', 'docker network inspect ov_net3', {
        shows: /10\.22\.1\.0\/24/,
        meaning: 'host3 has it too',
      }),
      ...silent('host2', 'docker network connect ov_net3 bbox1'),
      ...silent('host3', 'docker network connect ov_net3 bbox2'),
      check('host3', 'docker exec bbox2 ip address', {
        shows: /10\.22\.1\.3\/24/,
        meaning: 'the second address, on the other host, is .3',
      }),
    ],
  },
  {
    number: 13,
    title: 'A network in use cannot be removed',
    commands: [
      {
        ...check(
          'host2',
          'overtap network rm ov_net1',
          { shows: /bbox1 \(host2\)/, meaning: 'bbox1 on host2 holds it' },
          { shows: /bbox2 \(host3\)/, meaning: 'bbox2 on host3 holds it' },
        ),
        fails: true,
      },
      ...silent('host2', 'docker rm -f bbox1'),
      ...silent('host3', 'docker rm -f bbox2'),
      ...silent('host2', 'docker network rm ov_net1'),
      soon('host3', 'docker network ls', {
        not: /ov_net1/,
        meaning: 'it is gone on the other host too',
      }),
    ],
  },
]
