// Daemons, machines and the store fail in any order while containers come and
// go. At rest, no address is owned twice, nothing is leaked or lost, and every
// forwarding table is what the records say.
//
// Replay what failed: OVERTAP_MODEL_SEED=<seed> OVERTAP_MODEL_PATH=<path>
// Look for longer:    OVERTAP_MODEL_RUNS=5000 OVERTAP_MODEL_SEED=$RANDOM

import test from 'ava'
import fc from 'fast-check'
import { checkInvariants } from './model/invariants.js'
import { hostCount, networks, operation, play } from './model/operations.js'
import { World } from './model/world.js'

const { env } = process
const seed = Number(env['OVERTAP_MODEL_SEED'] ?? 7)
const numRuns = Number(env['OVERTAP_MODEL_RUNS'] ?? 300)
const path = env['OVERTAP_MODEL_PATH']

test('whatever fails, the survivors agree on the truth', async (t) => {
  t.timeout(600_000)
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 50, size: 'max' }),
      async (operations) => {
        const world = await World.start(hostCount, networks)
        try {
          await play(operations, world)
          await world.settle()
          checkInvariants(world)
        } finally {
          world.stop()
        }
      },
    ),
    {
      ...{ seed, numRuns, includeErrorInReport: true },
      ...(path !== undefined && { path }),
    },
  )
  t.pass()
})
