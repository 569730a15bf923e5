import test from 'ava'
import type { FindingResponse } from '../../../../src/frontends/api/schema.js'
import { overtap } from './captured.js'

const finding: FindingResponse = {
  Kind: 'claim-without-endpoint',
  Key: 'address/a1/10.0.0.9',
  Problem:
    '10.0.0.9 of ov_net1 is kept for web on host2, which does not have it',
  Remedy: 'give the address back',
  Repaired: false,
}

test('ipam ls shows how full each subnet is', async (t) => {
  const { stdout, code } = await overtap(['ipam', 'ls'])

  t.is(code, 0)
  t.is(
    stdout,
    'NETWORK   SUBNET        SIZE   USED   RESERVED   QUARANTINED   FREE\n' +
      'ov_net1   10.0.0.0/24   254    1      1          1             251\n',
  )
})

test('ipam ls of a network shows who has which address', async (t) => {
  const { stdout } = await overtap(['ipam', 'ls', 'ov_net1'])

  t.regex(stdout, /^10\.0\.0\.1 +reserved +gateway$/m)
  t.regex(stdout, /^10\.0\.0\.2 +used +bbox1 +host2$/m)
  t.regex(stdout, /^10\.0\.0\.3 +quarantined +bbox2 +host3$/m)
})

test('ipam ls speaks JSON', async (t) => {
  const { stdout } = await overtap(['--json', 'ipam', 'ls'])

  const [subnet] = JSON.parse(stdout) as unknown[]
  t.like(subnet, { Network: 'ov_net1', Subnet: '10.0.0.0/24', Free: 251 })
  t.false(Object.hasOwn(subnet as object, 'Addresses'))
})

test('ipam fsck without a finding succeeds', async (t) => {
  const { stdout, code } = await overtap(['ipam', 'fsck'])

  t.is(stdout, 'all records agree\n')
  t.is(code, 0)
})

test('ipam fsck says what is wrong and what to do, and exits with 1', async (t) => {
  const { stdout, stderr, code } = await overtap(['ipam', 'fsck'], {
    fsck: () => Promise.resolve([finding]),
  })

  t.is(
    stdout,
    'claim-without-endpoint: 10.0.0.9 of ov_net1 is kept for web on host2, which does not have it\n' +
      '  -> to do: give the address back\n',
  )
  t.regex(
    stderr,
    /1 finding is left to mend\n {2}-> overtap ipam fsck --repair/,
  )
  t.is(code, 1)
})

test('ipam fsck --repair succeeds when all is mended', async (t) => {
  const asked: unknown[] = []
  const { stdout, code } = await overtap(['ipam', 'fsck', '--repair'], {
    fsck: (body) => {
      asked.push(body)
      return Promise.resolve([{ ...finding, Repaired: true }])
    },
  })

  t.deepEqual(asked, [{ Repair: true }])
  t.regex(stdout, /-> done: give the address back$/m)
  t.is(code, 0)
})
