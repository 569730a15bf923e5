//  Docker's own commands on overtap's socket, word for word as they were for
//  its overlay driver; the lab is that of 820.

import test from 'ava'
import type { ExecutionContext } from 'ava'
import { DockerCluster, pings } from '../lab/docker-cluster.js'
import type { DockerMachine } from '../lab/docker-cluster.js'
import { askDocker, dockerMissing, followDocker, image } from '../lab/docker.js'
import { eventually } from '../lab/eventually.js'
import { testUnless } from '../support/test-unless.js'

const missing = dockerMissing()
const serial = missing === undefined ? test.serial : test.serial.skip
let cluster: DockerCluster | undefined
let host2: DockerMachine
let host3: DockerMachine

interface InspectedNetwork {
  readonly Driver: string
  readonly Scope: string
  readonly Containers: Readonly<
    Record<string, { Name: string; MacAddress: string; IPv4Address: string }>
  >
}

test.before(async () => {
  if (missing !== undefined) return
  cluster = await DockerCluster.start({ agent: true, compat: true })
  ;({ host2, host3 } = cluster)
})

test.after.always(() => cluster?.stop())

testUnless(missing, 'dockerd can run here', (t) => {
  t.pass()
  return Promise.resolve()
})

/** `docker ARGS` at the socket, which has to succeed. */
async function docker(
  { compat }: DockerMachine,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await askDocker(compat, args, input)
  if (code === 0) return stdout
  throw new Error(`docker ${args.join(' ')} failed (${code}): ${stderr}`)
}

/** Name, driver and scope of networks, as `docker network ls` has them. */
async function listed(
  machine: DockerMachine,
  ...filters: readonly string[]
): Promise<string[]> {
  const format = '{{.Name}} {{.Driver}} {{.Scope}}'
  const wanted = filters.flatMap((filter) => ['--filter', filter])
  const ls = ['network', 'ls', ...wanted, '--format', format]
  const lines = (await docker(machine, ls)).split('\n')
  return lines.filter((line) => line !== '').sort()
}

async function inspected(
  machine: DockerMachine,
  network: string,
): Promise<InspectedNetwork> {
  const text = await docker(machine, ['network', 'inspect', network])
  const [found] = JSON.parse(text) as InspectedNetwork[]
  if (!found) throw new Error(`no ${network}`)
  return found
}

serial('-d overlay makes a network that is on each host', async (t) => {
  await docker(host2, ['network', 'create', '-d', 'overlay', 'ov_net1'])
  const subnet = ['--subnet', '10.22.1.0/24', '--attachable']
  const create = ['network', 'create', '--driver', 'overlay', ...subnet]
  await docker(host2, [...create, 'ov_net3'])
  await eventually(t, async (attempt) => {
    attempt.deepEqual(await listed(host3, 'driver=overlay'), [
      ...['ov_net1 overlay global', 'ov_net3 overlay global'],
    ])
  })
  t.deepEqual(await listed(host2), [
    ...['bridge bridge local', 'host host local', 'none null local'],
    ...['ov_net1 overlay global', 'ov_net3 overlay global'],
  ])
  t.deepEqual(await listed(host2, 'scope=global', 'name=ov_net1'), [
    'ov_net1 overlay global',
  ])
  t.false((await listed(host2, 'scope=local')).join().includes('ov_net'))
  const own = ['network', 'ls', '--filter', 'driver=overtap', '--quiet']
  const ids = (await host2.docker.docker(...own)).split('\n')
  t.is(ids.length, 2, "on Docker's own socket they are what they are")
})

serial('each host inspects the containers of all', async (t) => {
  await run(host2, 'bbox1', 'sleep', '1000')
  await run(host3, 'bbox2', 'sleep', '1000')
  for (const [machine, here, there] of [
    [host2, 'bbox1', 'bbox2'],
    [host3, 'bbox2', 'bbox1'],
  ] as const) {
    await eventually(t, async (attempt) => {
      const network = await inspected(machine, 'ov_net1')
      attempt.like(network, { Driver: 'overlay', Scope: 'global' })
      const rows = Object.entries(network.Containers)
      attempt.deepEqual(rows.map(([, { Name }]) => Name).sort(), [
        ...['bbox1', 'bbox2'],
      ])
      for (const [key, { Name, MacAddress, IPv4Address }] of rows) {
        attempt.is(key.startsWith('ep-'), Name === there)
        const last = Name === 'bbox1' ? 2 : 3
        attempt.is(IPv4Address, `10.0.0.${last}/24`)
        attempt.is(MacAddress, `02:42:0a:00:00:0${last}`)
      }
    })
    const id = await docker(machine, ['inspect', '-f', '{{.Id}}', here])
    const { Containers } = await inspected(machine, 'ov_net1')
    t.is(Containers[id]?.Name, here)
  }
  t.true(await pings(host3, 'bbox2', '10.0.0.2'))
})

serial('exec and run take input to its end', async (t) => {
  const input = 'all of it\n'.repeat(50_000)
  const count = await docker(host2, ['exec', '-i', 'bbox1', 'wc', '-c'], input)
  t.is(count.trim(), String(input.length))
  const cat = ['run', '--rm', '-i', '--network', 'none', image, 'cat']
  t.is(await docker(host2, cat, 'through run'), 'through run')
  const { code, stderr } = await askDocker(host2.compat, [
    ...['exec', 'bbox1', 'sh', '-c', 'echo wrong >&2; exit 7'],
  ])
  t.is(code, 7)
  t.is(stderr, 'wrong')
})

serial('logs are followed as they come', async (t) => {
  const script = 'echo begun; while [ ! -e /go ]; do sleep 0.1; done; echo over'
  await run(host2, 'speaker', 'sh', '-c', script)
  const logs = followDocker(host2.compat, ['logs', '--follow', 'speaker'])
  const lines: string[] = []
  for await (const line of logs) {
    lines.push(line)
    if (line !== 'begun') continue
    await docker(host2, ['exec', 'speaker', 'touch', '/go'])
  }
  t.deepEqual(lines, ['begun', 'over'])
  t.is((await logs).exitCode, 0)
})

serial('attach speaks with a container', async (t) => {
  await run(host2, 'listener', '-i', 'cat')
  // At the end of the input Docker lets go, whatever is yet to come.
  const attached = followDocker(host2.compat, ['attach', 'listener'])
  const lines: string[] = []
  attached.stdin.write('one\n')
  for await (const line of attached) {
    lines.push(line)
    if (line === 'one') attached.stdin.write('two\n')
    else await docker(host2, ['rm', '-f', 'listener'])
  }
  t.deepEqual(lines, ['one', 'two'])
})

serial('a network goes on each host when it is not used', async (t) => {
  const { code, stderr } = await askDocker(host2.compat, [
    ...['network', 'rm', 'ov_net1'],
  ])
  t.not(code, 0)
  t.regex(stderr, /has active endpoints/)
  await docker(host2, ['rm', '-f', 'bbox1', 'speaker'])
  await docker(host3, ['rm', '-f', 'bbox2'])
  await docker(host2, ['network', 'rm', 'ov_net1', 'ov_net3'])
  await eventually(t, async (attempt) => {
    attempt.deepEqual(await listed(host3, 'driver=overlay'), [])
  })
})

serial('while Docker is away, its client says what to do', async (t) => {
  await host3.docker.stop()
  await saysAway(t, ['ps'])
  await saysAway(t, ['network', 'ls'])
})

async function saysAway(t: ExecutionContext, args: readonly string[]) {
  const { code, stderr } = await askDocker(host3.compat, args)
  t.not(code, 0)
  t.regex(stderr, /Docker does not answer at .*start Docker/)
}

/** On `ov_net1`; options first, if there are any. */
async function run(
  machine: DockerMachine,
  name: string,
  ...command: readonly string[]
): Promise<void> {
  const [first = ''] = command
  const options = first.startsWith('-') ? [first] : []
  const words = command.slice(options.length)
  const where = ['--detach', '--init', '--name', name, '--network', 'ov_net1']
  await docker(machine, ['run', ...where, ...options, image, ...words])
}
