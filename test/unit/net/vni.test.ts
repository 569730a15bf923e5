import test from 'ava'
import { checkedVni, isVni } from '../../../src/net/vni.js'

for (const { value, valid } of [
  { value: 0, valid: false },
  { value: 1, valid: true },
  { value: 256, valid: true },
  { value: 0xffffff, valid: true },
  { value: 0x1000000, valid: false },
  { value: 1.5, valid: false },
  { value: NaN, valid: false },
]) {
  test(`${value} is ${valid ? 'a' : 'no'} VNI`, (t) => {
    t.is(isVni(value), valid)
    if (valid) t.is(checkedVni(value), value)
    else t.throws(() => checkedVni(value), { instanceOf: TypeError })
  })
}
