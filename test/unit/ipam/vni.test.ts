import test from 'ava'
import { explicitVni, nextVni } from '../../../src/ipam/vni.js'

test('VNIs come in order, without those in use', (t) => {
  const used = new Map([
    [256, 'a'],
    [258, 'b'],
  ])

  t.deepEqual(nextVni({ first: 256, next: 256 }, used), { vni: 257, next: 258 })
  t.deepEqual(nextVni({ first: 256, next: 258 }, used), { vni: 259, next: 260 })
})

test('behind the last one the first comes again', (t) => {
  const range = { first: 256, next: 0xffffff }

  t.deepEqual(nextVni(range, new Map()), { vni: 0xffffff, next: 256 })
  t.is(nextVni(range, new Map([[0xffffff, 'a']])).vni, 256)
})

test('a range that was configured away is not used', (t) => {
  t.is(nextVni({ first: 1000, next: 257 }, new Map()).vni, 1000)
})

test('a range that is used up is an error', (t) => {
  t.throws(
    () =>
      nextVni(
        { first: 0xfffffe, next: 0xfffffe },
        new Map([
          [0xfffffe, 'a'],
          [0xffffff, 'b'],
        ]),
      ),
    { code: 'VNIS_EXHAUSTED' },
  )
})

test('an explicit VNI may be anywhere that is free', (t) => {
  t.is(explicitVni(42, new Map()), 42)
  t.throws(() => explicitVni(42, new Map([[42, 'ov_net1']])), {
    code: 'VNI_IN_USE',
    message: 'VNI 42 is in use by network ov_net1',
  })
})
