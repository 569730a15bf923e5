import test from 'ava'
import { maskPassword } from '../../../../src/frontends/config/render.js'

for (const [url, masked] of [
  ['redis://h:6379', 'redis://h:6379'],
  ['redis://user@h', 'redis://user@h'],
  ['redis://:p@h:1/0', 'redis://:***@h:1/0'],
  ['rediss://u:a@b:c@h', 'rediss://u:***@h'],
  ['redis-sentinel://u:p@h1:1,h2:2/m', 'redis-sentinel://u:***@h1:1,h2:2/m'],
  [
    'redis://h?password=p&db=1&sentinelPassword=q',
    'redis://h?password=***&db=1&sentinelPassword=***',
  ],
] as const) {
  test(`${url} is shown as ${masked}`, (t) => {
    t.is(maskPassword(url), masked)
  })
}
