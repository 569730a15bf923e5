//  Three real dockerd on one machine, each on a host of the lab.
//
//   c (172.17.0.2)     c                  c
//   docker0            docker0            docker0
//   dockerd @ host1    dockerd @ host2    dockerd @ host3
//       (.129) ---------- (.130) ---------- (.128)

import { existsSync, readFileSync } from 'node:fs'
import test from 'ava'
import { cgroupsOf } from '../lab/cgroup.js'
import { DockerHost, dockerMissing, image } from '../lab/docker.js'
import { eventually } from '../lab/eventually.js'
import { Lab } from '../lab/lab.js'
import { namespaces } from '../lab/registry.js'
import { testUnless } from '../support/test-unless.js'

const missing = dockerMissing()
let lab: Lab

test.before(async () => {
  lab = await Lab.create()
})

test.after.always(() => lab.destroy())

testUnless(missing, 'three dockerd, and nothing left of them', async (t) => {
  const addresses = [129, 130, 128].map((last) => `192.168.56.${last}`)
  const hosts = await Promise.all(
    addresses.map((address, index) => lab.addHost(`host${index + 1}`, address)),
  )
  const before = mounts()
  const dockers = await Promise.all(
    hosts.map((host) => DockerHost.start(lab, host)),
  )
  const [docker] = dockers

  // Each has containers of the same name, its own bridge and its own name.
  const run = ['run', '--detach', '--name', 'bbox', image, 'sleep', '1000']
  await Promise.all(dockers.map((one) => one.docker(...run)))
  for (const one of dockers) {
    const shown = await one.docker('exec', 'bbox', 'ip', 'address')
    t.regex(shown, /inet 172\.17\.0\.2\/16/)
    const name = await one.docker('info', '--format', '{{.Name}}')
    t.is(name, one.host.label)
    t.true(cgroupsOf(`${lab.id}-${one.host.label}`).length > 0)
  }

  // A crash of dockerd, or its end, is nothing to a container.
  const pid = await pidOf(docker)
  await docker?.crash()
  await docker?.start()
  t.is(await pidOf(docker), pid)
  await docker?.restart()
  t.is(await pidOf(docker), pid)

  await lab.destroy()

  await eventually(t, async (attempt) => {
    attempt.false(existsSync(`/proc/${pid}`))
    return Promise.resolve()
  })
  t.deepEqual(cgroupsOf(lab.id), [])
  t.deepEqual(
    namespaces().filter((name) => name.startsWith(lab.id)),
    [],
  )
  // Docker's own mounts were never seen on the machine.
  t.deepEqual(mounts(), before)
})

async function pidOf(docker: DockerHost | undefined): Promise<number> {
  const format = '{{.State.Pid}}'
  return Number(await docker?.docker('inspect', '--format', format, 'bbox'))
}

/** Of the machine, without what labs have there. */
function mounts(): readonly string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('docker'))
}
