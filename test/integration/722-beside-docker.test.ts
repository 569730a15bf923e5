//  A host with a real dockerd beside the daemon: each has its rules and ports.
//
//     web          dweb
//      |            |
//  [ gateway ]   docker0
//   overtapd     dockerd
//      @ host2 (.130) ---- switch ---- client (.1)

import test from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { DockerHost, dockerMissing, image } from '../lab/docker.js'
import { ask, greet } from '../lab/greeter.js'
import type { Host, Namespace } from '../lab/namespace.js'

const host4 = '192.168.56.130'
const client4 = '192.168.56.1'
const missing = dockerMissing()
const besideDocker = missing === undefined ? test.serial : test.serial.skip

let cluster: Cluster
let docker: DockerHost
let host2: Host
let client: Host
let web: Container

test.before(async () => {
  if (missing !== undefined) return
  cluster = await Cluster.start()
  host2 = cluster.host2.host
  client = await cluster.lab.addHost('client', client4)
  docker = await DockerHost.start(cluster.lab, host2)
  await setBridgedCalls(0)
  await cluster.createNetwork('ov_net1')
  web = await cluster.addContainer(
    ...([cluster.host2, 'ov_net1', 'web', '-p', '80:80'] as const),
  )
  await greet(web.namespace, 80)
  await greet(client, 9000)
  await docker.docker(
    ...['run', '--detach', '--name', 'dweb', '-p', '8080:80', image],
    ...['httpd', '-f', '-p', '80'],
  )
})

test.after.always(async () => {
  if (missing === undefined) await cluster.stop()
})

function setBridgedCalls(value: 0 | 1): Promise<string> {
  return host2.run(
    ...(['sysctl', '-eqw'] as const),
    `net.bridge.bridge-nf-call-iptables=${value}`,
    `net.bridge.bridge-nf-call-ip6tables=${value}`,
  )
}

/** Whether a web server answers there, with whatever it has. */
async function answersHttp(from: Namespace, port: number): Promise<boolean> {
  const { stdout } = await from.attempt('curl', [
    ...['--silent', '--max-time', '1', '--write-out', '%{http_code}'],
    `http://${host4}:${port}/`,
  ])
  return stdout.endsWith('404')
}

const out = () => ask(web.namespace, 'tcp', client4, 9000)
const into = () => ask(client, 'tcp', host4, 80)

besideDocker('Docker drops packets; what helps is said', async (t) => {
  t.is(await out(), null)
  t.is(await into(), null)
  const { Problems } = await cluster.host2.ask<StatusResponse>('status')
  const [problem = '', ...more] = Problems
  t.deepEqual(more, [])
  t.true(problem.startsWith('the chain FORWARD of table ip filter drops'))

  const remedy = /\((iptables -I DOCKER-USER .*)\)$/.exec(problem)?.[1] ?? ''
  await host2.run('sh', '-ec', remedy)
  t.is(await out(), `client 9000 ${host4}`)
  t.is(await into(), `web 80 ${client4}`)
  const after = await cluster.host2.ask<StatusResponse>('status')
  t.deepEqual(after.Problems, [])
})

besideDocker('Docker’s containers go on as before', async (t) => {
  t.true(await answersHttp(client, 8080))
  const asked = `echo hello | nc -w 1 ${client4} 9000`
  t.is(
    await docker.docker('exec', 'dweb', 'sh', '-c', asked),
    `client 9000 ${host4}`,
  )
})

besideDocker('each reaches the ports of the other', async (t) => {
  t.true(await answersHttp(web.namespace, 8080))
  const asked = `echo hello | nc -w 1 ${host4} 80`
  // Docker masquerades what leaves its bridge.
  t.is(
    await docker.docker('exec', 'dweb', 'sh', '-c', asked),
    'web 80 172.18.0.1',
  )
  // And nothing else of it.
  const inside = 'echo hello | nc -w 1 172.18.0.2 80'
  const { stdout } = await docker.attempt('exec', 'dweb', 'sh', '-c', inside)
  t.is(stdout, '')
})

besideDocker('neither takes a port that the other has', async (t) => {
  const rival = await cluster.lab.addContainer('rival')
  const refused = await cluster.host2.cli(
    ...['network', 'connect', '-p', '8080:80', 'ov_net1', rival.name],
  )
  t.regex(
    refused.stderr,
    /port 8080\/tcp of this host is in use by docker-proxy \(pid \d+\)/,
  )
  const { code, stderr } = await docker.attempt(
    ...['run', '--rm', '-p', '80:80', image, 'true'],
  )
  t.not(code, 0)
  t.regex(stderr, /address already in use/)
})

besideDocker('it stays so when dockerd starts again', async (t) => {
  await docker.restart()
  t.is(await out(), `client 9000 ${host4}`)
  t.is(await into(), `web 80 ${client4}`)
  t.true(await answersHttp(client, 8080))
})
