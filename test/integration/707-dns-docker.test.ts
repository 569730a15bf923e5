//  Containers of Docker that are on an overlay network: how their questions
//  reach the gateway, and what they are called.
//
//   plain  own (127.0.0.11)      bbox2
//     |     |                      |
//   overtapd, dockerd @ host2    overtapd @ host3
//              (.130) --- switch --- (.128)

import test from 'ava'
import { Cluster, type Container } from '../lab/cluster.js'
import { DockerHost, dockerMissing, image } from '../lab/docker.js'
import { eventually } from '../lab/eventually.js'
import { lookUp } from '../lab/traffic.js'

const missing = dockerMissing()
const withDocker = missing === undefined ? test.serial : test.serial.skip

let cluster: Cluster
let docker: DockerHost
let bbox2: Container

test.before(async () => {
  if (missing !== undefined) return
  cluster = await Cluster.start()
  docker = await DockerHost.start(cluster.lab, cluster.host2.host)
  await cluster.createNetwork('ov_net1')
  bbox2 = await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox2')
})

test.after.always(async () => {
  if (missing === undefined) await cluster.stop()
})

/** A container that asks the gateway, connected as `name`; its id. */
async function run(name: string, ...flags: readonly string[]): Promise<string> {
  const id = await docker.docker(
    ...['run', '--detach', '--name', name, '--dns', '10.0.0.1', ...flags],
    ...[image, 'sleep', '1000'],
  )
  const format = '{{.State.Pid}}'
  const pid = await docker.docker('inspect', '--format', format, name)
  await cluster.host2.ask(
    ...['network', 'connect', '--name', name, 'ov_net1', `pid:${pid.trim()}`],
  )
  return id.trim()
}

const inside = async (name: string, ...command: readonly string[]) =>
  (await docker.attempt('exec', name, ...command)).stdout

withDocker('a container with --dns asks the gateway itself', async (t) => {
  const id = await run('plain', '--network', 'none')

  t.regex(
    await inside('plain', 'cat', '/etc/resolv.conf'),
    /^nameserver 10\.0\.0\.1$/m,
  )
  t.true((await inside('plain', 'nslookup', 'bbox2')).includes(bbox2.address))
  t.regex(
    await inside('plain', 'ping', '-c', '1', '-W', '1', 'bbox2'),
    /1 packets received/,
  )
  // What `docker ps` shows is what the container calls itself.
  await eventually(t, async (t) => {
    t.is((await lookUp(bbox2.namespace, id.slice(0, 12))).length, 1)
  })
  t.deepEqual(
    await lookUp(bbox2.namespace, id.slice(0, 12)),
    await lookUp(bbox2.namespace, 'plain'),
  )
})

withDocker(
  'one with a network of Docker asks through its server',
  async (t) => {
    await docker.docker('network', 'create', 'own')
    await run('own', '--network', 'own', '--network-alias', 'aka')

    t.regex(
      await inside('own', 'cat', '/etc/resolv.conf'),
      /^nameserver 127\.0\.0\.11$/m,
    )
    t.true((await inside('own', 'nslookup', 'bbox2')).includes(bbox2.address))
    t.true(
      (await inside('own', 'nslookup', 'bbox2.ov_net1')).includes(
        bbox2.address,
      ),
    )
    t.regex(
      await inside('own', 'nslookup', 'aka'),
      /Address: 172\./,
      'Docker’s own',
    )
  },
)
